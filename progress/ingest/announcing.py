"""What happens once a batch is committed: pushes to open pages, signals, completions handed on.

Progress is saved by then. A push that is lost is made up for by a snapshot when a page connects
again; what must not be lost is in the outbox.
"""

import atexit
import logging
import os
from collections.abc import Collection, Iterable
from functools import partial
from queue import Empty

from django.db import connections, transaction

from progress import live, signals
from progress.operations import outbox

from .queue_thread import QueueThread
from .working_set import WorkingSet

logger = logging.getLogger(__name__)

MAX_PUSHES = 200  # in one round trip
FLUSH_SECONDS = 3


def announce_after_commit(works: Collection[WorkingSet]) -> None:
    """Announce once the transaction is committed."""
    transaction.on_commit(partial(announce, list(works)), robust=True)


def announce(works: Iterable[WorkingSet]) -> None:
    """Push, send signals and hand completions on, here and now."""
    works = list(works)
    live.push_all([push for work in works if (push := _push(work))])
    for work in works:
        _send_signals(work)


def _push(work: WorkingSet) -> live.Push | None:
    if not (work.touched or work.waivers or work.must_announce):
        return None
    return live.Push(work.progress.user_id, work.progress.course_id, work.payload or {})


def _send_signals(work: WorkingSet) -> None:
    enrollment_id = work.progress.enrollment_id
    for content_id in work.newly_complete:
        signals.content_completed.send_robust(
            sender=None, enrollment_id=enrollment_id, content_id=content_id
        )
    for module_id in work.newly_complete_modules:
        signals.module_completed.send_robust(
            sender=None, enrollment_id=enrollment_id, module_id=module_id
        )
    if work.messages:
        outbox.send_soon(work.messages)


class Announcer(QueueThread[list[WorkingSet]]):
    """Announces in a thread of its own: a slow broker keeps nobody waiting for an answer."""

    name = "announcer"

    def _run(self) -> None:
        while (works := self._queue.get()) is not None:
            is_ending = self._add_waiting(works)
            try:
                announce(works)
            except Exception:
                # A receiver's or the broker's fault must not end the thread.
                logger.exception("what was saved could not be announced")
            if is_ending:
                break
        connections.close_all()

    def _add_waiting(self, works: list[WorkingSet]) -> bool:
        """Add what waits already; whether the end was among it."""
        while len(works) < MAX_PUSHES:
            try:
                more = self._queue.get_nowait()
            except Empty:
                return False
            if more is None:
                return True
            works += more
        return False


_announcer = Announcer()
os.register_at_fork(after_in_child=_announcer.reset)
announce_soon = _announcer.put
stop = partial(_announcer.stop, FLUSH_SECONDS)
atexit.register(stop)
