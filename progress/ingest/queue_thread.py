"""A thread that works off a queue: what records deliveries, and what announces them."""

from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")


class QueueThread(Generic[Item]):
    """The queue, and the thread that empties it; started with the first item.

    A subclass implements `_run`, which ends when it takes None from the queue. A module that keeps
    one registers `reset` to be called in forked processes.
    """

    name: str

    def __init__(self) -> None:
        self._start_lock = Lock()
        self.reset()

    def reset(self) -> None:
        """As new: also in a forked process, which has the queue and not the thread."""
        self._queue: SimpleQueue[Item | None] = SimpleQueue()
        self._thread: Thread | None = None

    def put(self, item: Item) -> None:
        self._queue.put(item)
        if self._thread is None:
            with self._start_lock:
                if self._thread is None:
                    self._thread = Thread(target=self._run, name=self.name, daemon=True)
                    self._thread.start()

    def stop(self, seconds: float | None = None) -> None:
        """Have what waits worked off, for so many seconds at most, and end the thread."""
        thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join(seconds)
            self.reset()

    def _run(self) -> None:
        raise NotImplementedError
