"""The contents that a learner doesn't want recommended, for a while or for the whole cycle."""

from datetime import datetime, timedelta

from analytics.models import Dismissal
from progress.models import Content, Enrollment, User

PUT_OFF_FOR = timedelta(days=7)


class NoSuchContent(LookupError):
    """No current enrolment of the learner has such a content."""


def dismiss(user: User, enrollment_id: int, content_id: int, *, now: datetime) -> Content:
    """Stop recommending this content in this cycle. Idempotent. Raises NoSuchContent."""
    return _dismiss(user, enrollment_id, content_id, now, until=None)


def put_off(user: User, enrollment_id: int, content_id: int, *, now: datetime) -> Content:
    """Stop recommending this content for a week. Raises NoSuchContent."""
    return _dismiss(user, enrollment_id, content_id, now, until=now + PUT_OFF_FOR)


def restore(user: User, enrollment_id: int, content_id: int) -> Content:
    """Allow it to be recommended again. Raises NoSuchContent."""
    enrollment, content = _own_content(user, enrollment_id, content_id)
    Dismissal.objects.filter(enrollment=enrollment, content=content).delete()
    return content


def _dismiss(
    user: User, enrollment_id: int, content_id: int, now: datetime, until: datetime | None
) -> Content:
    """The latest decision about a content replaces those before it."""
    enrollment, content = _own_content(user, enrollment_id, content_id)
    Dismissal.objects.bulk_create(
        [Dismissal(enrollment=enrollment, content=content, dismissed_at=now, until=until)],
        update_conflicts=True,
        unique_fields=["enrollment", "content"],
        update_fields=["dismissed_at", "until"],
    )
    return content


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
