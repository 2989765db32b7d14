"""The sessions and the progress that a caller may reach: decided where rows are selected."""

from django.db.models import F, Q, QuerySet

from progress.api.authentication import SessionBearer
from progress.models import Course, Enrollment, LearningSession, User, looks_after
from progress.models.marks import Reach, reach_of, within_reach


def reportable_sessions(user) -> QuerySet[LearningSession]:
    """Sessions that `user` may send events to: a token's session, their own, or by permission."""
    sessions = LearningSession.objects.all()
    if isinstance(user, SessionBearer):
        return sessions.filter(session_id=user.claims.session_id, user_id=user.claims.user_id)
    sessions = within_reach(sessions, user)
    if user.sees_all("progress.change_learningsession"):
        return sessions
    if user.has_perm("progress.change_learningsession"):
        taught = user.courses_taught.values("pk")
        return sessions.filter(Q(user_id=user.pk) | Q(course__in=taught))
    return sessions.filter(user_id=user.pk)


def may_start_for(user, learner_id: int, course_id: int) -> bool:
    """For themselves; for others by permission, as instructor only in the courses they teach."""
    permission = "progress.add_learningsession"
    if learner_id == user.pk or user.sees_all(permission):
        return True
    return user.has_perm(permission) and user.courses_taught.filter(pk=course_id).exists()


def works_with_tests(user) -> bool | None:
    """Whether `user` works with test learners only (True), real ones only (False), or both."""
    reach = reach_of(user)
    return None if reach is Reach.BOTH else reach is Reach.TEST


def find_learner(named: dict, caller_id: int) -> int | None:
    """The id of the learner that `user_id`, `external_id` or `username` names, or `caller_id`."""
    if "external_id" in named:
        rows = User.objects.filter(external_id=named["external_id"])
        return rows.values_list("pk", flat=True).first()
    if "username" in named:
        found = User.objects.called([named["username"]])[named["username"]]
        return found[0].pk if len(found) == 1 else None
    return named.get("user_id", caller_id)


def find_course(named: dict) -> int | None:
    """The id of the course that `course_id` or `course_code` names."""
    if "course_id" in named:
        return named["course_id"]
    return Course.objects.filter(code=named["course_code"]).values_list("pk", flat=True).first()


def readable_enrollments(user) -> QuerySet[Enrollment]:
    """Current enrolments whose progress `user` may read, with the rows that it is read from."""
    enrollments = _with_rows(Enrollment.objects.current())
    if isinstance(user, SessionBearer):
        return enrollments.filter(
            user_id=user.claims.user_id,
            course_id=user.claims.course_id,
            user__is_active=True,
            unenrolled_at=None,
        )
    enrollments = within_reach(enrollments, user)
    if user.sees_all("progress.view_courseprogress"):
        return enrollments
    return enrollments.filter(Q(user_id=user.pk) | looks_after(user))


def _with_rows(enrollments: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """With course and progress. Both rows have the same `user_id`: one shard holds them."""
    return enrollments.with_progress("course").filter(course_progress__user_id=F("user_id"))
