"""Which order a learner follows: the one that suits them, or the course's own."""

from datetime import datetime

from analytics.models import PathChoice
from progress.models import Course, Enrollment, User


class NoSuchPath(LookupError):
    """No current enrolment of the learner in a course that offers a path."""


def follow_course(user: User, enrollment_id: int, *, now: datetime) -> None:
    """Show the course's own order. Idempotent. Raises NoSuchPath."""
    PathChoice.objects.get_or_create(
        enrollment=_own_enrollment(user, enrollment_id), defaults={"chosen_at": now}
    )


def follow_path(user: User, enrollment_id: int) -> None:
    """Show the order that suits the learner. Raises NoSuchPath."""
    PathChoice.objects.filter(enrollment=_own_enrollment(user, enrollment_id)).delete()


def _own_enrollment(user: User, enrollment_id: int) -> Enrollment:
    enrollment = (
        Enrollment.objects.active()
        .filter(pk=enrollment_id, user=user, course__path=Course.Path.ADAPTIVE)
        .first()
    )
    if enrollment is None:
        raise NoSuchPath
    return enrollment
