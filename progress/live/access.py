"""Who may open a stream: read from the database each time one begins. Synchronous."""

from collections.abc import Sequence
from datetime import datetime

from progress.models import Enrollment, User
from progress.security.tokens import StreamClaims


def may_follow(claims: Sequence[StreamClaims]) -> dict[StreamClaims, bool]:
    """Returns whether each token's reader may read its learner's progress at this moment.

    All learners who follow their own progress cost one statement together. For each other reader,
    the account and its permissions are read too.
    """
    own_keys = {(each.user_id, each.course_id) for each in claims if each.reader_id == each.user_id}
    followed = Enrollment.objects.followed(own_keys) if own_keys else Enrollment.objects.none()
    found = followed.values_list("user_id", "course_id", "user__streams_from")
    enrolled = {(user_id, course_id): since for user_id, course_id, since in found}
    return {
        each: (each.user_id, each.course_id) in enrolled
        and _is_valid(each, enrolled[each.user_id, each.course_id])
        if each.reader_id == each.user_id
        else _may_follow_another(each)
        for each in claims
    }


def _is_valid(claims: StreamClaims, streams_from: datetime | None) -> bool:
    return streams_from is None or claims.issued_ms >= streams_from.timestamp() * 1000


def _may_follow_another(claims: StreamClaims) -> bool:
    reader = User.objects.filter(pk=claims.reader_id, is_active=True).first()
    if reader is None or not _is_valid(claims, reader.streams_from):
        return False
    enrollments = Enrollment.objects.followed({(claims.user_id, claims.course_id)})
    return enrollments.visible_to(reader, "progress.view_courseprogress").exists()
