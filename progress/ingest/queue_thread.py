"""A thread that works off a queue: what records deliveries, and what announces them."""

import logging
import time
from abc import ABC, abstractmethod
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 0.2  # before a thread that failed begins again

Item = TypeVar("Item")


class QueueThread(ABC, Generic[Item]):
    """The queue, and the thread that empties it; started with the first item.

    A thread that fails begins again; one that has ended all the same is replaced with the next
    item. What it had taken from the queue by then is for the subclass to settle.

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

    def put(self, item: Item | None) -> None:
        self._queue.put(item)
        if not self._is_running():
            with self._start_lock:
                if not self._is_running():
                    self._thread = Thread(target=self._keep_running, name=self.name, daemon=True)
                    self._thread.start()

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def stop(self, seconds: float | None = None) -> None:
        """Have what waits worked off, for so many seconds at most, and end the thread."""
        if self._thread is not None:
            QueueThread.put(self, None)
            self._thread.join(seconds)
            self.reset()

    def _keep_running(self) -> None:
        while True:
            try:
                return self._run()
            except BaseException:
                # SystemExit, too, would end only this thread, and leave those who wait waiting.
                logger.exception("%s failed, and begins again", self.name)
                time.sleep(PAUSE_SECONDS)

    @abstractmethod
    def _run(self) -> None: ...
