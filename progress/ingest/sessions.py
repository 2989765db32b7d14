"""Learning sessions: started, and ended by their learner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from progress.models import Content, Course, CourseProgress, Enrollment, LearningSession, Module
from progress.operations.locking import lock_one, retried
from progress.rules import timing

from . import recording
from .events import epoch_ms
from .outcome import Outcome
from .rows import SessionRow
from .working_set import LearnerNotEnrolled


class UnknownItem(Exception):
    """A course, module or content that doesn't exist, or not there; `attr` names the field."""

    def __init__(self, attr: str):
        super().__init__(attr)
        self.attr = attr


@dataclass(frozen=True, slots=True)
class Started:
    """A session, and whether this call made it."""

    session: LearningSession
    is_new: bool


@retried(also_duplicates=True)
def start(
    *,
    user_id: int,
    course_id: int,
    now: datetime,
    module_id: int | None = None,
    content_id: int | None = None,
    device_id: str = "",
    client_session_id: UUID | None = None,
) -> Started:
    """Start a session, or find the one that `client_session_id` already named, ended or not.

    Others of the learner stay open. Raises UnknownItem and LearnerNotEnrolled.
    """
    enrollment = _active_enrollment(user_id, course_id)
    module_id = _module(course_id, module_id, content_id)
    enrollment, progress = _hold(enrollment)
    if client_session_id is not None:
        known = LearningSession.objects.filter(
            user_id=user_id, course_id=course_id, client_session_id=client_session_id
        ).first()
        if known is not None:
            return Started(known, is_new=False)
    session = LearningSession.objects.create(
        enrollment=enrollment,
        user_id=user_id,
        course_id=course_id,
        module_id=module_id,
        content_id=content_id,
        device_id=device_id,
        client_session_id=client_session_id,
        start_time=now,
        last_activity_at=now,
        elapsed_spans=timing.begin_elapsed(epoch_ms(now)),
    )
    progress.total_sessions += 1
    progress.session_start_time = now
    if module_id is not None:
        progress.current_module_id = module_id
    # By learner as well as by key: that names the shard.
    CourseProgress.objects.filter(pk=progress.pk, user_id=user_id).update(
        total_sessions=progress.total_sessions,
        session_start_time=now,
        current_module=progress.current_module_id,
    )
    return Started(session, is_new=True)


def _hold(enrollment: Enrollment) -> tuple[Enrollment, CourseProgress]:
    """The enrolment with its progress locked; that of a new cycle, if one began meanwhile."""
    while True:
        progress = lock_one(enrollment)
        if Enrollment.objects.active().filter(pk=enrollment.pk, user=enrollment.user_id).exists():
            return enrollment, progress
        enrollment = _active_enrollment(enrollment.user_id, enrollment.course_id)


def _active_enrollment(user_id: int, course_id: int) -> Enrollment:
    enrollment = (
        Enrollment.objects.active()
        .select_related("course")
        .filter(user_id=user_id, user__is_active=True, course_id=course_id)
        .first()
    )
    if enrollment is None:
        if not Course.objects.active().filter(pk=course_id).exists():
            raise UnknownItem("course_id")
        raise LearnerNotEnrolled
    return enrollment


def _module(course_id: int, module_id: int | None, content_id: int | None) -> int | None:
    """The module that a session starts in; a content has its own."""
    if module_id is not None and not (
        Module.objects.active().filter(pk=module_id, course_id=course_id).exists()
    ):
        raise UnknownItem("module_id")
    if content_id is None:
        return module_id
    content = Content.objects.active().filter(pk=content_id, module__course_id=course_id).first()
    if content is None or module_id not in (None, content.module_id):
        raise UnknownItem("content_id")
    return content.module_id


@dataclass(frozen=True, slots=True)
class Ended:
    """An ended session, and what became of the last events, if any were sent along."""

    session: SessionRow
    outcomes: list[Outcome]


def end(
    sessions_allowed: QuerySet[LearningSession],
    session_id,
    raw_events: list,
    *,
    sent_ms: int | None,
    now: datetime,
) -> Ended:
    """Take the last events, then end the session: the first call counts, all return the same.

    A session that has been idle for too long ends as expired, at its last activity. Raises what
    `recording.record` raises.
    """
    delivery = recording.delivery_to(
        sessions_allowed, session_id, raw_events, sent_ms=sent_ms, now=now, ends_session=True
    )
    receipt = recording.record(delivery)
    return Ended(receipt.session, receipt.outcomes)
