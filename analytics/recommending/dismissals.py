"""The contents that a learner doesn't want recommended."""

from datetime import datetime

from analytics.models import Dismissal
from progress.models import Content, Enrollment, User


class NoSuchContent(LookupError):
    """No current enrolment of the learner has such a content."""


def dismiss(user: User, enrollment_id: int, content_id: int, *, now: datetime) -> None:
    """Stop recommending this content in this cycle. Idempotent. Raises NoSuchContent."""
    enrollment, content = _own_content(user, enrollment_id, content_id)
    Dismissal.objects.bulk_create(
        [Dismissal(enrollment=enrollment, content=content, dismissed_at=now)],
        ignore_conflicts=True,
    )


def restore(user: User, enrollment_id: int, content_id: int) -> None:
    """Allow it to be recommended again. Raises NoSuchContent."""
    enrollment, content = _own_content(user, enrollment_id, content_id)
    Dismissal.objects.filter(enrollment=enrollment, content=content).delete()


def _own_content(user: User, enrollment_id: int, content_id: int) -> tuple[Enrollment, Content]:
    enrollment = Enrollment.objects.active().filter(pk=enrollment_id, user=user).first()
    content = (
        enrollment
        and Content.objects.filter(
            pk=content_id, module__course=enrollment.course_id, hidden=False
        ).first()
    )
    if enrollment is None or content is None:
        raise NoSuchContent
    return enrollment, content
