"""Who may open a stream: asked of the database each time one begins. Synchronous."""

from progress.models import Enrollment, User
from progress.security.tokens import StreamClaims


def may_follow(claims: StreamClaims) -> bool:
    """Whether the token's reader may read this learner's progress at this moment.

    One statement for learners themselves; of others their account and permissions are read too.
    """
    enrollments = Enrollment.objects.followed(claims.user_id, claims.course_id)
    if claims.reader_id != claims.user_id:
        reader = User.objects.filter(pk=claims.reader_id, is_active=True).first()
        if reader is None:
            return False
        enrollments = enrollments.visible_to(reader, "progress.view_courseprogress")
    return enrollments.exists()
