"""Who is enrolled in a course that one teaches: ending an enrolment, taking it up again, due dates.

The permissions are those of the API (progress/api/enrollments.py).
"""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from progress.ingest import enrolling
from progress.models import Course, Enrollment, User
from progress.security import rights

VIEW = "progress.view_enrollment"
CHANGE = "progress.change_enrollment"
END = "progress.delete_enrollment"


def may_see(by: User, course: Course) -> bool:
    return by.has_perm(VIEW) and rights.may_write_course(by, course)


def enrolled(by: User, course: Course, text: str) -> QuerySet[Enrollment]:
    """The enrolments of now that `by` sees, by name; those that each word of `text` finds."""
    rows = Enrollment.objects.active().visible_to(by).filter(course=course)
    for word in text.split():
        rows = rows.filter(
            Q(user__full_name__icontains=word)
            | Q(user__username__icontains=word)
            | Q(user__email__icontains=word)
            | Q(user__external_id=word)
        )
    return rows.select_related("user").order_by("user__full_name", "user__username", "pk")


def ended(by: User, course: Course, enrollment_id: int) -> Enrollment | None:
    """An enrolment that has ended, and that `by` may take up again; None for any other."""
    if not by.has_perm(CHANGE):
        return None
    rows = _changeable(by, course).exclude(unenrolled_at=None)
    return rows.filter(pk=enrollment_id).first()


def end(by: User, course: Course, enrollment_id: int, now: datetime) -> Enrollment:
    """End an enrolment; progress stays. Raises PermissionDenied and Enrollment.DoesNotExist."""
    enrollment = _get(by, course, enrollment_id, END)
    enrolling.unenroll(enrollment, now=now)
    return enrollment


def take_up(by: User, course: Course, enrollment_id: int, now: datetime) -> Enrollment:
    """Take an ended enrolment up again, with its due date; raises as `end`."""
    enrollment = _get(by, course, enrollment_id, CHANGE)
    return enrolling.enroll(enrollment.user_id, course.pk, now=now).enrollment


def set_due(by: User, course: Course, enrollment_id: int, due: date | None) -> Enrollment:
    """Set the day, which ends in the learner's time zone, or take it away; raises as `end`."""
    enrollment = _get(by, course, enrollment_id, CHANGE)
    enrolling.set_due(enrollment, enrolling.due_moment(due, enrollment.user.time_zone))
    return enrollment


def _get(by: User, course: Course, enrollment_id: int, permission: str) -> Enrollment:
    if not by.has_perm(permission):
        raise PermissionDenied
    return _changeable(by, course).get(pk=enrollment_id)


def _changeable(by: User, course: Course) -> QuerySet[Enrollment]:
    rows = rights.changeable_enrollments(by) & Enrollment.objects.visible_to(by)
    return rows.current().filter(course=course).select_related("user")
