"""Questions of many clients, answered together: a batch costs little more than one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

# Measured with bench/streams.py: larger batches gain little, and keep the event loop waiting.
MAX_KEYS = 50
AT_ONCE = 2  # while one waits for the database, the other computes

Key = TypeVar("Key", bound=Hashable)


class Waiting:
    """Those who wait for one key's answer."""

    __slots__ = ("answer", "count")

    def __init__(self) -> None:
        self.answer: asyncio.Future = asyncio.get_running_loop().create_future()
        self.count = 0


class Batches(Generic[Key]):
    """`compute(keys)` is called for the keys that were asked for since it was last called.

    It returns the answers by key; a key that it leaves out has the answer None. Everyone who waits
    for the same key shares one computation. An answer is never older than its question: who asks
    while a key is computed waits for the next batch. A key for which nobody waits any more is not
    computed.
    """

    def __init__(self, compute: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Any]]]):
        self._compute = compute
        self._waiting: dict[Key, Waiting] = {}
        self._tasks: set[asyncio.Task] = set()

    async def get(self, key: Key) -> Any:
        """The answer, or None. Raises what `compute` raises."""
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
        """Gives up what is being computed."""
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
            waiting.answer.exception()  # it counts as seen, also where everyone has left
