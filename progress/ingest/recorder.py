"""Deliveries that arrive together are recorded together: one thread of each process does it.

The thread has a connection of its own, so that the plans of its statements stay prepared, and one
commit makes a whole group durable before any of them is answered. It never waits for a lock:
deliveries whose enrolment is held by another transaction (a refold, another process), and those of
a group that fails, are recorded one by one by those who asked (docs/decisions/0034).
"""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty

from django.db import OperationalError, close_old_connections, connection

from . import announcing
from .queue_thread import QueueThread
from .recording import CommitUnknown, Delivery, InUse, Receipt, record, record_together

logger = logging.getLogger(__name__)

MAX_GROUP = 64  # deliveries in one transaction
MAX_GROUP_EVENTS = 600
MAX_WAITING = 2_000  # deliveries; who comes then is asked to come again
IDLE_SECONDS = 30  # after which an idle connection is given back
CHECK_SECONDS = 5  # between two looks at whether the connection is still good
ALONE_THREADS = 8


class Overloaded(OperationalError):
    """More deliveries wait than can be recorded soon."""


class Waiting:
    """A delivery that waits to be recorded, and how its result is handed over."""

    __slots__ = ("delivery", "future", "loop")

    def __init__(self, delivery: Delivery, future, loop: asyncio.AbstractEventLoop | None = None):
        self.delivery, self.future, self.loop = delivery, future, loop


class Recorder(QueueThread[Waiting]):
    """Records what waits, and hands each result to who waits for it."""

    name = "recorder"

    def reset(self) -> None:
        super().reset()
        self._held: deque[Waiting] = deque()
        self._checked_at = 0.0

    def put(self, item: Waiting) -> None:
        """Raises Overloaded."""
        if self._queue.qsize() >= MAX_WAITING:
            raise Overloaded("too many deliveries are waiting")
        super().put(item)

    # --- In the thread -------------------------------------------------------------------------
    def _run(self) -> None:
        is_ending = False
        while not (is_ending and not self._held):
            group, is_ending = self._next_group(is_ending)
            if group:
                self._record(group)
        connection.close()

    def _next_group(self, is_ending: bool) -> tuple[list[Waiting], bool]:
        """What waits already, of different enrolments; waits for the first if nothing does."""
        group: list[Waiting] = []
        enrolments: set[int] = set()
        events = 0
        later: deque[Waiting] = deque()
        while len(group) < MAX_GROUP and events < MAX_GROUP_EVENTS:
            try:
                waiting = self._held.popleft() if self._held else self._take(wait=not group)
            except Empty:
                break
            if waiting is None:
                is_ending = True
                break
            if waiting.delivery.enrollment_id in enrolments:
                later.append(waiting)  # its rows would exist twice in one transaction
                continue
            enrolments.add(waiting.delivery.enrollment_id)
            events += len(waiting.delivery.raw_events)
            group.append(waiting)
        self._held.extendleft(reversed(later))
        return group, is_ending

    def _take(self, *, wait: bool) -> Waiting | None:
        if not wait:
            return self._queue.get_nowait()
        try:
            return self._queue.get(timeout=IDLE_SECONDS)
        except Empty:
            connection.close()
            return self._queue.get()

    def _record(self, group: list[Waiting]) -> None:
        # Until something better is known: each is recorded by itself, and fails by itself.
        results: list = [InUse()] * len(group)
        try:
            self._check_connection()
            deliveries = [waiting.delivery for waiting in group]
            results = list(record_together(deliveries, announcing.announce_soon))
        except CommitUnknown as error:
            results = [error] * len(group)
            connection.close()
        except Exception:
            logger.warning("a group of %d is recorded one by one", len(group), exc_info=True)
            connection.close()
        finally:
            _hand_over(group, results)  # whatever happened: they wait for it

    def _check_connection(self) -> None:
        now = time.monotonic()
        if now - self._checked_at > CHECK_SECONDS:
            self._checked_at = now
            connection.close_if_unusable_or_obsolete()


def _hand_over(group: list[Waiting], results: list) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple]] = {}
    for waiting, result in zip(group, results, strict=True):
        if waiting.loop is None:
            waiting.future.set_result(result)
        else:
            by_loop.setdefault(waiting.loop, []).append((waiting.future, result))
    for loop, pairs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_set_results, pairs)
        except RuntimeError:
            pass  # the loop has ended, and with it those who asked


def _set_results(pairs: list[tuple]) -> None:
    for future, result in pairs:
        if not future.done():
            future.set_result(result)


_recorder = Recorder()
os.register_at_fork(after_in_child=_recorder.reset)
stop = _recorder.stop


def deliver(delivery: Delivery) -> Receipt:
    """Have a delivery recorded, together with others that arrive now; waits for it.

    Promises and raises what `recording.record` does. Within a transaction of the caller it is
    recorded there.
    """
    if connection.in_atomic_block:
        return record(delivery)
    future: Future = Future()
    _recorder.put(Waiting(delivery, future))
    result = future.result()
    return record(delivery) if isinstance(result, InUse) else _received(result)


async def deliver_soon(delivery: Delivery) -> Receipt:
    """`deliver` for an event loop: takes a thread only where a delivery must be recorded alone."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future = loop.create_future()
    _recorder.put(Waiting(delivery, future, loop))
    result = await future
    if isinstance(result, InUse):
        return await loop.run_in_executor(_alone, _with_fresh_connection, record, delivery)
    return _received(result)


_alone = ThreadPoolExecutor(ALONE_THREADS, thread_name_prefix="alone")


def _with_fresh_connection(work: Callable[[Delivery], Receipt], delivery: Delivery) -> Receipt:
    close_old_connections()
    try:
        return work(delivery)
    finally:
        close_old_connections()


def _received(result) -> Receipt:
    if isinstance(result, Exception):
        raise result
    return result
