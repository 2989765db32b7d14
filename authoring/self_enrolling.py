"""Courses that people enrol themselves in, by a link or from the catalogue."""

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from authoring.models import SelfEnrollment
from progress.ingest.enrolling import due_moment, enroll
from progress.models import Content, Course, Enrollment, User
from progress.models.marks import may_be_enrolled


class NotOpen(Exception):
    """The course isn't open for people to enrol themselves, or not in this way."""


@transaction.atomic
def set_self_enrollment(
    course: Course, *, is_listed: bool, has_link: bool, due_days: int | None
) -> SelfEnrollment:
    """Open a course for self-enrolment, or close it. A link that exists stays the same."""
    row = _locked(course)
    row.is_listed, row.due_days = is_listed, due_days
    row.link_key = (row.link_key or _new_key()) if has_link else None
    row.save()
    return row


@transaction.atomic
def renew_link(course: Course) -> None:
    """Make another link; the one before stops working."""
    row = _locked(course)
    row.link_key = _new_key()
    row.save(update_fields=["link_key"])


def _locked(course: Course) -> SelfEnrollment:
    return SelfEnrollment.objects.select_for_update().get_or_create(course=course)[0]


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def self_enrollment_of(course: Course) -> SelfEnrollment:
    """How a course is open now; an unsaved row for one that isn't."""
    return SelfEnrollment.objects.filter(course=course).first() or SelfEnrollment(course=course)


# --- For learners --------------------------------------------------------------------------------
def by_link(key: str, user: User) -> SelfEnrollment:
    """Raises NotOpen for a link that isn't, or no longer is, one of an active course, and for one
    of a test course that `user` can't be enrolled in."""
    row = _only(_open().filter(link_key=key))
    if not may_be_enrolled(user, row.course):
        raise NotOpen
    return row


def by_listing(course_id: int, user: User) -> SelfEnrollment:
    """Raises NotOpen for a course that isn't in the person's catalogue."""
    return _only(listed(user).filter(course=course_id))


def listed(user: User) -> QuerySet[SelfEnrollment]:
    """The catalogue, which has test courses for test learners alone. A course without contents
    isn't in it yet."""
    contents = Content.objects.active().filter(module__retired_at=None, hidden=False)
    rows = _open() if user.is_test else _open().filter(course__is_test=False)
    return rows.filter(is_listed=True, course__in=contents.values("module__course")).order_by(
        "course__title", "course"
    )


def _open() -> QuerySet[SelfEnrollment]:
    return SelfEnrollment.objects.filter(course__retired_at=None).select_related("course")


def _only(rows: QuerySet[SelfEnrollment]) -> SelfEnrollment:
    row = rows.first()
    if row is None:
        raise NotOpen
    return row


def is_enrolled(course: Course, user: User) -> bool:
    return Enrollment.objects.active().filter(course=course, user=user).exists()


def join(row: SelfEnrollment, user: User, now: datetime) -> None:
    """Enrol a person in the course; who is enrolled already keeps their due date."""
    if is_enrolled(row.course, user):
        return
    due = None
    if row.due_days is not None:
        today = now.astimezone(ZoneInfo(user.time_zone)).date()
        due = due_moment(today + timedelta(days=row.due_days), user.time_zone)
    enroll(user.pk, row.course_id, now=now, due_at=due)
