"""How sessions end: by the learner, or by silence."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from progress.models import CourseProgress, LearningSession

from .events import MILLISECOND

ENDED, EXPIRED = LearningSession.EndReason.ENDED, LearningSession.EndReason.EXPIRED


def close(session: LearningSession, progress: CourseProgress, moment: datetime, reason) -> None:
    """End an open session in memory; both rows are locked and written by the caller."""
    session.end_time = max(moment, session.start_time)
    session.end_reason = reason
    progress.ended_sessions += 1
    progress.ended_ms += (session.end_time - session.start_time) // MILLISECOND


def close_if_silent(session: LearningSession, progress: CourseProgress, now: datetime) -> bool:
    """Expire a session that the sweep would have closed by now, exactly as it would have.

    So that it makes no difference whether the sweep was running.
    """
    if session.end_time is not None or session.last_event_at >= _silence_limit(now):
        return False
    close(session, progress, session.last_event_at, EXPIRED)
    return True


def close_all(enrollment_id: int, now: datetime) -> None:
    """End the open sessions of an enrolment that is over, so that nothing more is told to it."""
    progress = CourseProgress.objects.select_for_update().get(pk=enrollment_id)
    sessions = list(LearningSession.objects.open().filter(enrollment=enrollment_id))
    for session in sessions:
        if not close_if_silent(session, progress, now):
            close(session, progress, now, ENDED)
        session.save(update_fields=["end_time", "end_reason"])
    progress.save(update_fields=["ended_sessions", "ended_ms"])


def expire_silent(now: datetime, *, limit: int = 1000) -> int:
    """Close up to `limit` idle sessions at their last event; answers how many.

    Idempotent and safe twice at once. Enrolments in use at this moment are passed over: they show
    signs of life, or the next sweep comes by. A bounded number of statements for each call.
    """
    silent = LearningSession.objects.silent_since(_silence_limit(now))
    with transaction.atomic():
        enrollments = list(
            silent.order_by("last_event_at").values_list("enrollment_id", flat=True)[:limit]
        )
        if not enrollments:
            return 0
        locked = {
            progress.pk: progress
            for progress in CourseProgress.objects.select_for_update(skip_locked=True)
            .filter(pk__in=enrollments)
            .order_by("pk")
        }
        closed = []
        for session in silent.filter(enrollment_id__in=locked)[:limit]:
            close(session, locked[session.enrollment_id], session.last_event_at, EXPIRED)
            closed.append(session)
        LearningSession.objects.bulk_update(closed, ["end_time", "end_reason"], batch_size=1000)
        CourseProgress.objects.bulk_update(
            locked.values(), ["ended_sessions", "ended_ms"], batch_size=1000
        )
    return len(closed)


def _silence_limit(now: datetime) -> datetime:
    return now - timedelta(seconds=settings.SESSION_TIMEOUT_SECONDS)
