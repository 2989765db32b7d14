"""Events that only the clock makes true: what is due soon, overdue, or about to expire.

Each is written once: its key names the enrolment and the due date, so that a new date is a new
event. Looks back no further than events are kept, or those that were deleted would come again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from connections import slots
from connections.models import Event
from progress.models import Enrollment, fulfilled_outside

CHUNK = 1000


def write(now: datetime) -> int:
    """Writes what has become due, overdue or about to expire; returns how many events."""
    soon = now + timedelta(days=settings.WEBHOOK_DUE_DAYS)
    long_ago = now - timedelta(days=settings.WEBHOOK_KEPT_DAYS)
    count = _write(_of_enrollments("enrollment.due", now, soon, now))
    count += _write(_of_enrollments("enrollment.overdue", long_ago, now, now))
    return count + _write(_of_certificates(now))


def _of_enrollments(kind: str, after: datetime, until: datetime, now: datetime) -> Iterable[Event]:
    rows = Enrollment.objects.active().filter(
        ~fulfilled_outside(now),
        due_at__gt=after,
        due_at__lte=until,
        user__is_active=True,
        course_progress__completed_at=None,
    )
    columns = ("pk", "user_id", "course_id", "due_at")
    for pk, user_id, course_id, due_at in rows.values_list(*columns):
        yield Event(
            type=kind,
            key=f"{kind} {pk} {due_at.isoformat()}",
            user_id=user_id,
            course_id=course_id,
            enrollment_id=pk,
            facts={"due_at": due_at.isoformat()},
            recorded_at=now,
        )


def _of_certificates(now: datetime) -> Iterable[Event]:
    until = now + timedelta(days=settings.WEBHOOK_EXPIRING_DAYS)
    kind = "certificate.expiring"
    for pk, user_id, course_id, enrollment_id, expires_at in (
        slots.expiring_certificates(now, until) or ()
    ):
        yield Event(
            type=kind,
            key=f"{kind} {pk}",
            user_id=user_id,
            course_id=course_id,
            enrollment_id=enrollment_id,
            subject=str(pk),
            facts={"expires_at": expires_at.isoformat()},
            recorded_at=now,
        )


def _write(found: Iterable[Event]) -> int:
    events = list(found)
    count = 0
    for at in range(0, len(events), CHUNK):
        part = events[at : at + CHUNK]
        keys = [event.key for event in part]
        known = set(Event.objects.filter(key__in=keys).values_list("key", flat=True))
        new = [event for event in part if event.key not in known]
        Event.objects.bulk_create(new, ignore_conflicts=True)
        count += len(new)
    return count
