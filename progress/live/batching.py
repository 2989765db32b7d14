"""Answers many clients' requests in batches: a batch costs little more than one request."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

# Measured with bench/streams.py: larger batches gain little, and keep the event loop waiting.
MAX_KEYS = 50
AT_ONCE = 2  # batches; while one waits for the database, the other computes

Key = TypeVar("Key", bound=Hashable)


class Waiting:
    """One key's answer to come, and how many callers wait for it."""

    __slots__ = ("answer", "count")

    def __init__(self) -> None:
        self.answer: asyncio.Future = asyncio.get_running_loop().create_future()
        self.count = 0


class Batches(Generic[Key]):
    """Calls `compute(keys)` with the keys that were requested since its last call.

    `compute` returns the answers by key; a key that it leaves out has the answer None. All callers
    that wait for the same key share one computation. An answer is never older than its request: a
    call that comes while its key is being computed waits for the next batch. A key that no caller
    waits for any more is not computed.
    """

    def __init__(self, compute: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Any]]]):
        self._compute = compute
        self._waiting: dict[Key, Waiting] = {}
        self._tasks: set[asyncio.Task] = set()

    async def get(self, key: Key) -> Any:
        """Returns the answer, or None. Raises what `compute` raises."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = Waiting()
        waiting.count += 1
        self._begin()
        try:
            return await asyncio.shield(waiting.answer)
        finally:
            waiting.count -= 1
            if not waiting.count and self._waiting.get(key) is waiting:
                del self._waiting[key]

    async def stop(self) -> None:
        """Cancels what is being computed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self) -> None:
        if len(self._tasks) < AT_ONCE:
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        while batch := {key: self._waiting.pop(key) for key in self._next_keys()}:
            try:
                answers = await self._compute(list(batch))
            except Exception as error:
                _fail(batch, error)
            else:
                for key, waiting in batch.items():
                    if not waiting.answer.done():
                        waiting.answer.set_result(answers.get(key))

    def _next_keys(self) -> list[Key]:
        return list(islice(self._waiting, MAX_KEYS))


def _fail(batch: Mapping[Any, Waiting], error: Exception) -> None:
    for waiting in batch.values():
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
            waiting.answer.exception()  # marks it as retrieved, even when every caller has left
