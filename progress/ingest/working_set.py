"""The rows that a batch works on: locked, changed in memory, written back together.

Lock order, everywhere: the enrolment's CourseProgress row, then its session
(progress/operations/locking.py).
Whoever holds the first may write everything of that enrolment, so contents, attempts and evidence
need no locks of their own; and two devices that finish two contents at once can't fold the course
without each other's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct, field

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
from progress.state.answers import LiveAnswer
from progress.state.limits import current_limits
from progress.state.structure import ContentSpec, Structure, structure_of

from . import store
from .events import EPOCH, epoch_ms
from .rows import ContentRow, EvidenceRow, OpenedRows, OtherContent, ProgressRow, SessionRow


class SessionUnknown(Exception):
    """No such session, or not one that the caller may report to."""


class LearnerInactive(Exception):
    """The learner's account has been deactivated."""


class LearnerNotEnrolled(Exception):
    """The learner is not, or no longer, enrolled in the course."""


class WorkingSet(Struct):
    """One learner's rows during one batch."""

    now: datetime
    limits: Limits
    session: SessionRow  # has no session when a course is folded again, without events
    progress: ProgressRow | CourseProgress
    structure: Structure
    observe: bool
    contents: dict[int, ContentRow | ContentProgress] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)  # contents whose rows are to be written
    added: set[int] = field(default_factory=set)  # those of them that had no row
    shown: set[int] = field(default_factory=set)  # contents in the answer
    newly_complete: list[int] = field(default_factory=list)
    newly_complete_modules: list[int] = field(default_factory=list)
    messages: list[int] = field(default_factory=list)  # outbox ids
    waivers: list[Waiver] = field(default_factory=list)  # granted, to be written
    batch_ends: list[int] = field(default_factory=list)  # of this batch's active spans
    evidence: list[EvidenceRow] = field(default_factory=list)  # to be written
    writes: list[Callable[[], None]] = field(default_factory=list)  # of what has its own writer
    payload: LiveAnswer | None = None  # what is answered and pushed
    past: PastSpans | None = None  # loaded when an event is older than the newest spans
    is_changed: bool = False  # whether anything of a session's enrolment is to be written
    is_first_completion: bool = False
    must_refold: bool = False
    must_announce: bool = False  # also without a content that was touched
    _coverage_elapsed_ms: int | None = None
    now_ms: int = 0
    start_ms: int = 0  # of the session

    def __post_init__(self) -> None:
        self.now_ms = epoch_ms(self.now)
        if self.session is not None:
            self.start_ms = epoch_ms(self.session.start_time)

    @classmethod
    def of_session(cls, opened: OpenedRows, now: datetime, limits: Limits) -> "WorkingSet":
        """For rows that were locked and read (`store.open_rows`).

        Raises LearnerInactive, LearnerNotEnrolled. Asks the database only when the course's
        structure isn't in memory, or was changed by its author since the learner's last event.
        """
        if not opened.is_active:
            raise LearnerInactive
        if not opened.is_enrolled:
            raise LearnerNotEnrolled
        course, progress = opened.course, opened.progress
        structure = structure_of(course)
        rows: list = [*opened.contents, *opened.others]
        if opened.others and progress.structure_version != structure.version:
            rows = store.all_contents(progress.enrollment_id, progress.user_id)
        return cls(
            now=now,
            limits=limits,
            session=opened.session,
            progress=progress,
            structure=structure,
            observe=course.plausibility == Course.Plausibility.OBSERVE,
            contents={row.content_id: row for row in rows},
        )

    @classmethod
    def of_course(
        cls, progress: CourseProgress, course: Course, structure: Structure, now: datetime
    ) -> "WorkingSet":
        """Without a session, to fold again what is there. Takes no lock and loads nothing."""
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
    def was_ended(self) -> bool:
        """Ended by the learner, as opposed to expired in silence."""
        return self.session.end_reason == LearningSession.EndReason.ENDED

    @property
    def session_elapsed_ms(self) -> int:
        """The server's time since the session started (until it was ended)."""
        if self.session.end_time is None:
            return self.now_ms - self.start_ms
        return self._elapsed_until(self.session.end_time if self.was_ended else None)

    @property
    def session_length_ms(self) -> int:
        """The time from the session's start to its end, or to now while it is open."""
        return self._elapsed_until(self.session.end_time)

    def _elapsed_until(self, end: datetime | None) -> int:
        return (self.now_ms if end is None else epoch_ms(end)) - self.start_ms

    def active_ends(self) -> list[int]:
        """Where the session's active spans ended that the next one may adjoin."""
        known = self.session.active_until
        return self.batch_ends if known is None else [known, *self.batch_ends]

    def note_active_end(self, end: int) -> None:
        self.batch_ends = [*self.batch_ends[-3:], end]
        known = self.session.active_until
        if known is None or end > known:
            self.session.active_until = end

    def coverage_elapsed_ms(self) -> int:
        """Time elapsed in any of the enrolment's sessions, up to now in those that are open.

        It is the same for all events of a batch: the spans of all count before any is credited.
        """
        if self._coverage_elapsed_ms is None:
            self._coverage_elapsed_ms = self._elapsed_ms_until_now()
        return self._coverage_elapsed_ms

    def _elapsed_ms_until_now(self) -> int:
        timeout = self.limits.session_timeout_ms
        own = self.session.elapsed_spans
        tails = [timing.tail(((0, last),), self.now_ms, timeout) for last in self.session.open_ends]
        if self.session.end_time is None:
            tails.append(timing.tail(own, self.now_ms, timeout))
        recent_ms = timing.elapsed_ms(self.progress.elapsed_spans, *tails)
        return self.progress.past_elapsed_ms + recent_ms

    # --- Rows --------------------------------------------------------------------------------
    @property
    def is_restructured(self) -> bool:
        return self.must_refold or self.progress.structure_version != self.structure.version

    def content(self, content: ContentSpec) -> ContentProgress:
        """The row of a content that an event touches, made when it is the first."""
        self.touched.add(content.id)
        row = self.contents.get(content.id)
        if row is None:
            self.added.add(content.id)
            row = self.contents[content.id] = ContentRow(
                enrollment_id=self.progress.enrollment_id,
                content_id=content.id,
                user_id=self.progress.user_id,
                media_version=content.media_version,
                first_event_at=self.now,
                last_event_at=self.now,
            )
        elif row.media_version != content.media_version:
            row.coverage = folding.coverage_of(content, row)
            row.dwell_ppm = row.dwell_ppm if row.completed_at else None
            row.media_version = content.media_version
        return row

    def show(self, content_id: int) -> None:
        """Have the answer show a content that no event of the batch names."""
        self.shown.add(content_id)
        if isinstance(self.contents.get(content_id), OtherContent):
            progress = self.progress
            rows = store.all_contents(progress.enrollment_id, progress.user_id)
            self.contents |= {row.content_id: row for row in rows if row.content_id == content_id}

    def content_state(self, content: ContentSpec) -> folding.ContentState:
        """A content's state: as written, or by today's structure where that changed."""
        row = self.contents.get(content.id)
        if row is None:
            return folding.NOT_STARTED
        if content.id in self.touched or self.is_restructured:
            return folding.current_state(content, row, self.limits)
        return folding.stored_state(row)

    def content_states(self) -> dict[int, folding.ContentState]:
        """`content_state` of every content that has been started."""
        contents, is_restructured = self.structure.contents, self.is_restructured
        return {
            pk: folding.current_state(contents[pk], row, self.limits)
            if is_restructured or pk in self.touched
            else folding.stored_state(row)
            for pk, row in self.contents.items()
            if pk in contents
        }
