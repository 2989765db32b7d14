"""The rows that a batch works on: locked, changed in memory, written back together.

Lock order, everywhere: the enrolment's CourseProgress row, then its session
(progress/operations/locking.py).
Whoever holds the first may write everything of that enrolment, so contents, attempts and evidence
need no locks of their own; and two devices that finish two contents at once can't fold the course
without each other's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Case, F, Func, OuterRef, QuerySet, When

from progress.models import (
    ContentProgress,
    Course,
    CourseProgress,
    LearningSession,
    PastSpans,
    Waiver,
)
from progress.rules import timing
from progress.rules.limits import Limits
from progress.state import folding
from progress.state.limits import current_limits
from progress.state.structure import ContentFacts, Structure, structure_of

from .events import EPOCH, epoch_ms


class SessionUnknown(Exception):
    """No such session, or not one that the caller may report to."""


class LearnerInactive(Exception):
    """The learner's account has been deactivated."""


class LearnerNotEnrolled(Exception):
    """The learner is not, or no longer, enrolled in the course."""


_HEAVY = ("coverage", "dwell_ppm")
_WRITTEN_CONTENT = [
    column.name
    for column in ContentProgress._meta.concrete_fields
    if not column.generated
    and column.name not in {"id", "enrollment", "content", "user", "first_event_at"}
]


@dataclass(slots=True)
class Desk:
    """One learner's rows during one batch."""

    now: datetime
    limits: Limits
    session: LearningSession | None  # None when a course is folded afresh, without events
    progress: CourseProgress
    structure: Structure
    observe: bool
    contents: dict[int, ContentProgress] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)  # contents whose rows are to be written
    shown: set[int] = field(default_factory=set)  # contents that the answer tells of
    newly_complete: list[int] = field(default_factory=list)
    newly_complete_modules: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)  # outbox ids
    waivers: list[Waiver] = field(default_factory=list)  # granted, to be written
    batch_ends: list[int] = field(default_factory=list)  # of this batch's active spans
    past: PastSpans | None = None  # loaded when an event is older than the newest spans
    is_first_completion: bool = False
    must_refold: bool = False
    must_tell: bool = False  # also without a content that was touched

    @classmethod
    def open(cls, sessions: QuerySet[LearningSession], session_id, now: datetime) -> "Desk":
        """Lock the session's enrolment. `sessions` are those the caller may report to.

        Raises SessionUnknown, LearnerInactive, LearnerNotEnrolled. One statement, or two when the
        course's structure isn't in memory.
        """
        session = lock_session(sessions, session_id)
        enrollment = session.enrollment
        if not session.user.is_active:
            raise LearnerInactive
        if enrollment.unenrolled_at is not None:
            raise LearnerNotEnrolled
        course = enrollment.course
        return cls(
            now=now,
            limits=current_limits(),
            session=session,
            progress=enrollment.course_progress,
            structure=structure_of(course),
            observe=course.plausibility == Course.Plausibility.OBSERVE,
        )

    @classmethod
    def of_course(
        cls, progress: CourseProgress, course: Course, structure: Structure, now: datetime
    ) -> "Desk":
        """Without a session, to fold afresh what is there. Takes no lock and loads nothing."""
        observe = course.plausibility == Course.Plausibility.OBSERVE
        return cls(now, current_limits(), None, progress, structure, observe, must_refold=True)

    # --- The clock ---------------------------------------------------------------------------
    @staticmethod
    def moment(ms: int) -> datetime:
        return EPOCH + timedelta(milliseconds=ms)

    @staticmethod
    def ms(moment: datetime) -> int:
        return epoch_ms(moment)

    @property
    def now_ms(self) -> int:
        return epoch_ms(self.now)

    @property
    def start_ms(self) -> int:
        return epoch_ms(self.session.start_time)

    @property
    def was_ended(self) -> bool:
        """Ended by the learner, as opposed to expired in silence."""
        return self.session.end_reason == LearningSession.EndReason.ENDED

    @property
    def session_elapsed_ms(self) -> int:
        """The server's time since the session started (until it was ended)."""
        end = self.session.end_time if self.was_ended else self.now
        return epoch_ms(end or self.now) - self.start_ms

    @property
    def session_length_ms(self) -> int:
        """The time from the session's start to its end, or to now while it is open."""
        return epoch_ms(self.session.end_time or self.now) - self.start_ms

    def active_ends(self) -> list[int]:
        """Where the session's active spans ended that the next one may adjoin."""
        known = self.session.active_until
        return self.batch_ends if known is None else [known, *self.batch_ends]

    def note_active_end(self, end: int) -> None:
        self.batch_ends = [*self.batch_ends[-3:], end]
        self.session.active_until = max(self.session.active_until or 0, end)

    def coverage_elapsed_ms(self) -> int:
        """Time elapsed in any of the enrolment's sessions, up to now in those that are open."""
        timeout = self.limits.session_timeout_ms
        own = self.session.elapsed_spans
        tails = [timing.tail(((0, last),), self.now_ms, timeout) for last in self.session.open_ends]
        if self.session.end_time is None:
            tails.append(timing.tail(own, self.now_ms, timeout))
        recent_ms = timing.elapsed_ms(self.progress.elapsed_spans, *tails)
        return self.progress.past_elapsed_ms + recent_ms

    # --- Rows --------------------------------------------------------------------------------
    def load_contents(self, content_ids: Iterable[int]) -> None:
        """One statement: every content's standing, and those in `content_ids` whole.

        After the author changed the course, all are loaded whole and folded afresh.
        """
        rows = ContentProgress.objects.filter(
            enrollment_id=self.progress.enrollment_id, user_id=self.progress.user_id
        )
        if not self.is_restructured:
            wanted = When(content_id__in=list(content_ids), then=True)
            rows = rows.defer(*_HEAVY).annotate(
                **{f"whole_{name}": Case(When(wanted.condition, then=F(name))) for name in _HEAVY}
            )
        for row in rows:
            if not self.is_restructured:
                for name in _HEAVY:
                    setattr(row, name, getattr(row, f"whole_{name}"))
            self.contents[row.content_id] = row

    @property
    def is_restructured(self) -> bool:
        return self.must_refold or self.progress.structure_version != self.structure.version

    def content(self, facts: ContentFacts) -> ContentProgress:
        """The row of a content that an event touches, made when it is the first."""
        self.touched.add(facts.id)
        row = self.contents.get(facts.id)
        if row is None:
            row = self.contents[facts.id] = ContentProgress(
                enrollment_id=self.progress.enrollment_id,
                content_id=facts.id,
                user_id=self.progress.user_id,
                media_version=facts.media_version,
                first_event_at=self.now,
                last_event_at=self.now,
            )
        elif row.media_version != facts.media_version:
            row.coverage = folding.coverage_of(facts, row)
            row.dwell_ppm = row.dwell_ppm if row.completed_at else None
            row.media_version = facts.media_version
        return row

    def standing(self, facts: ContentFacts) -> folding.ContentState:
        """A content's standing: as written, or by today's structure where that changed."""
        row = self.contents.get(facts.id)
        if facts.id in self.touched or self.is_restructured:
            return folding.current_state(facts, row, self.limits)
        return folding.stored_state(row)


# Where each open session of the enrolment stands: up to now it still buys coverage.
_open_ends = (
    LearningSession.objects.open()
    .filter(enrollment_id=OuterRef("enrollment_id"), user_id=OuterRef("user_id"))
    .values(last=Func("elapsed_spans", function="upper", output_field=BigIntegerField()))
)


def lock_session(sessions: QuerySet[LearningSession], session_id) -> LearningSession:
    """The session with its course progress, both locked in the documented order."""
    try:
        return (
            sessions.select_for_update(of=("enrollment__course_progress", "self"))
            .select_related("user", "enrollment__course", "enrollment__course_progress")
            .annotate(open_ends=ArraySubquery(_open_ends))
            # Names the rows outright, so that the join is an inner one and can be locked, and that
            # all of them are one learner's, so that a shard can answer alone.
            .filter(enrollment__user_id=F("user_id"))
            .filter(enrollment__course_progress__user_id=F("user_id"))
            .get(session_id=session_id)
        )
    except LearningSession.DoesNotExist:
        raise SessionUnknown from None


def save_row(row: LearningSession | CourseProgress, columns: Iterable[str]) -> None:
    """Write columns of a locked row. By learner as well as by key: that names the shard."""
    fields = [row._meta.get_field(name) for name in columns]
    values = {column.name: getattr(row, column.attname) for column in fields}
    type(row).objects.filter(pk=row.pk, user_id=row.user_id).update(**values)


def save_contents(rows: Iterable[ContentProgress]) -> None:
    """Insert or replace rows of locked enrolments, in one statement."""
    rows = list(rows)
    for row in rows:
        row.pk = None  # matched by enrolment and content, new and known alike
    ContentProgress.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "enrollment", "content"],
        update_fields=_WRITTEN_CONTENT,
    )
