"""How sessions end: by the learner, or by silence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection
from django.db.models import Q

from progress.jobs import Run
from progress.models import CourseProgress, LearningSession
from progress.operations.locking import lock_progress, lock_rows, retried

from .events import MILLISECOND

ENDED, EXPIRED = LearningSession.EndReason.ENDED, LearningSession.EndReason.EXPIRED
CHUNK = 1000
ENDED_COLUMNS = ["end_time", "end_reason", "idle_ms"]


def close(session: LearningSession, progress: CourseProgress, moment: datetime, reason) -> None:
    """End an open session in memory; both rows are locked and written by the caller."""
    session.end_time = max(moment, session.start_time)
    session.end_reason = reason
    lasted_ms = (session.end_time - session.start_time) // MILLISECOND
    if reason == EXPIRED:
        # What was idle after the last activity is no part of the session.
        session.idle_ms = min(session.idle_ms, max(lasted_ms - session.active_ms, 0))
    progress.ended_sessions += 1
    progress.ended_ms += lasted_ms


def close_if_silent(session: LearningSession, progress: CourseProgress, now: datetime) -> bool:
    """Expire a session that the sweep would have closed by now, exactly as it would have.

    So that it makes no difference whether the sweep was running.
    """
    if session.end_time is not None or session.last_activity_at >= _silence_limit(now):
        return False
    close(session, progress, session.last_activity_at, EXPIRED)
    return True


def close_all(enrollment_id: int, now: datetime) -> None:
    """End the open sessions of an enrolment that is over: nothing more is reported to it."""
    [progress] = lock_progress([enrollment_id])
    sessions = list(LearningSession.objects.open().filter(enrollment=enrollment_id))
    for session in sessions:
        if not close_if_silent(session, progress, now):
            close(session, progress, now, ENDED)
        session.save(update_fields=ENDED_COLUMNS)
    progress.save(update_fields=["ended_sessions", "ended_ms"])


def expire_silent(now: datetime, *, chunk: int = CHUNK, run: Run | None = None) -> int:
    """Close all idle sessions at their last activity. Returns the number of sessions closed.

    Idempotent, safe twice at once, in transactions of `chunk` sessions' enrolments. Enrolments in
    use at this moment are passed over: they show signs of life, or the next sweep comes by.
    """
    run = run or Run("expire_silent", now)
    silent = LearningSession.objects.silent_since(_silence_limit(now)).exclude(
        enrollment_id__in=run.rows_set_aside()
    )
    after = None
    while True:
        rows = silent if after is None else silent.filter(_later_than(*after))
        places = rows.order_by("start_time", "pk").values_list("start_time", "pk", "enrollment_id")
        found = list(places[:chunk])
        if not found:
            return run.rows
        run.take(partial(expire, now=now), sorted({enrollment for _, _, enrollment in found}))
        after = found[-1][:2]


def _later_than(moment: datetime, session_id) -> Q:
    # The first condition alone leads the index; the second leaves out what was seen.
    return Q(start_time__gte=moment) & (Q(start_time__gt=moment) | Q(pk__gt=session_id))


@retried
def expire(enrollment_ids: Sequence[int], *, now: datetime) -> int:
    """Close these enrolments' idle sessions, in two statements. Returns how many."""
    wanted = CourseProgress.objects.filter(pk__in=enrollment_ids)
    ids = [progress.pk for progress in lock_rows(wanted, skip_locked=True)]
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, [ids, _silence_limit(now)])
        return int(cursor.fetchone()[0])


# The second statement sees what was committed before the locks were given.
# `last_event_at` is the column of `last_activity_at`.
_EXPIRE = """
WITH closed AS (
    UPDATE progress_learningsession
    SET end_time = greatest(last_event_at, start_time),
        end_reason = 'expired',
        idle_ms = least(idle_ms, greatest(0, -active_ms +
            floor(extract(epoch FROM greatest(last_event_at, start_time) - start_time) * 1000)
        ))
    WHERE enrollment_id = ANY(%s) AND end_time IS NULL AND last_event_at < %s
    RETURNING enrollment_id,
        floor(extract(epoch FROM end_time - start_time) * 1000)::bigint AS lasted_ms
), sums AS (
    SELECT enrollment_id, count(*) AS sessions, sum(lasted_ms)::bigint AS lasted_ms
    FROM closed GROUP BY enrollment_id
), counted AS (
    UPDATE progress_courseprogress AS progress
    SET ended_sessions = ended_sessions + sums.sessions, ended_ms = ended_ms + sums.lasted_ms
    FROM sums WHERE progress.enrollment_id = sums.enrollment_id
)
SELECT count(*) FROM closed
"""


def _silence_limit(now: datetime) -> datetime:
    return now - timedelta(seconds=settings.SESSION_TIMEOUT_SECONDS)
