"""One computation of a snapshot for all the clients of a process that wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

Key = tuple[int, int]  # user id, course id


@dataclass(eq=False)
class Flight:
    """One computation. Who comes after it has read needs another: it may lack what came since."""

    has_read: bool = False
    waiting: int = 0
    task: asyncio.Task | None = field(default=None, repr=False)


class Shared:
    """`compute(key, flight)` sets `flight.has_read` right before it reads what it returns."""

    def __init__(self, compute: Callable[[Key, Flight], Awaitable[Any]]):
        self._compute = compute
        self._flights: dict[Key, Flight] = {}

    async def get(self, key: Key) -> Any:
        """What is computed from now on; given up when nobody waits for it any more."""
        flight = self._flights.get(key)
        if flight is None or flight.has_read:
            flight = self._flights[key] = Flight()
            flight.task = asyncio.create_task(self._run(key, flight))
        task = flight.task
        assert task is not None
        flight.waiting += 1
        try:
            return await asyncio.shield(task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not task.done():
                self._forget(key, flight)
                task.cancel()

    async def _run(self, key: Key, flight: Flight) -> Any:
        try:
            return await self._compute(key, flight)
        finally:
            self._forget(key, flight)

    def _forget(self, key: Key, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
