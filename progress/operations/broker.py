"""A broker that is down delays no request: it is tried now and then, and logged once."""

import logging
import time
from collections.abc import Callable
from threading import Lock

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# kombu wraps most of what a broken connection raises, but not all of it.
UNREACHABLE = (OperationalError, RedisError, OSError)
RETRY_SECONDS = 5.0


class Breaker:
    """Lets calls through while they succeed; after a failure only one every few seconds.

    For all threads of a process: while the broker hangs, one thread waits for the timeout and
    the others continue without it.
    """

    def __init__(self, purpose: str, clock: Callable[[], float] = time.monotonic):
        self._purpose = purpose
        self._clock = clock
        self._lock = Lock()
        self._is_open = False
        self._retry_at = 0.0
        self._skipped = 0

    def call(self, action: Callable, *args, **kwargs) -> bool:
        """Calls `action(*args, **kwargs)`; returns False where the broker can't be reached."""
        if not self._may_try():
            return False
        try:
            action(*args, **kwargs)
        except UNREACHABLE as error:
            self._note_failure(error)
            return False
        self._note_success()
        return True

    def _may_try(self) -> bool:
        with self._lock:
            if self._is_open and self._clock() < self._retry_at:
                self._skipped += 1
                return False
            if self._is_open:
                self._retry_at = self._clock() + RETRY_SECONDS
            return True

    def _note_failure(self, error: Exception) -> None:
        with self._lock:
            is_first, self._is_open = not self._is_open, True
            self._retry_at = self._clock() + RETRY_SECONDS
            self._skipped += 1
        if is_first:
            logger.warning(
                "%s: the broker is unreachable (%s); going on without", self._purpose, error
            )

    def _note_success(self) -> None:
        with self._lock:
            was_open, self._is_open = self._is_open, False
            skipped, self._skipped = self._skipped, 0
        if was_open:
            logger.warning("%s: the broker is back; %d not delivered", self._purpose, skipped)


_tasks = Breaker("background tasks")


def enqueue(task, *args) -> bool:
    """Ask a worker to run `task`. False when the broker can't be asked: a sweep makes up for it.

    Call it after commit, never inside a transaction.
    """
    return _tasks.call(task.apply_async, args, retry=False)
