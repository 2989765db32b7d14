"""Whole passages through a course, by the same rules, in memory: for imports and simulations.

What a request does to a learner's rows under their lock is done here to rows that nobody else has
yet, batch after batch, and written once, by COPY. Nothing is pushed, no signal is sent and no
event is written; that a course was completed waits in the outbox, as ever.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from uuid import UUID

from django.db import connection

from progress.models import (
    ContentInteraction,
    ContentProgress,
    Course,
    CourseProgress,
    Enrollment,
    LearningSession,
    OutboxMessage,
    QuizAnswer,
    QuizAttempt,
    Waiver,
)
from progress.operations import outbox
from progress.rules import timing
from progress.state.limits import current_limits
from progress.state.structure import Structure

from . import closing, course_fold, deciding
from .copying import encode, written
from .events import Event, epoch_ms
from .evidence import GENESIS
from .outcome import Outcome
from .quiz_events import QuizAttempts
from .rows import ContentRow, EvidenceRow
from .working_set import WorkingSet

# In an order in which each refers to what is there already.
TABLES = (
    CourseProgress,
    LearningSession,
    ContentProgress,
    QuizAttempt,
    QuizAnswer,
    ContentInteraction,
    Waiver,
    OutboxMessage,
)


class _Attempts(QuizAttempts):
    """The attempts of one enrolment over all its batches."""

    def turn_to(self, work: WorkingSet) -> None:
        self._working_set = work

    @property
    def attempts(self) -> list[QuizAttempt]:
        return [attempt for known in self._attempts.values() for attempt in known]

    def answers(self) -> Iterator[QuizAnswer]:
        """The history, once the attempts have their keys."""
        for attempt, answer in self._history:
            answer.attempt_id = attempt.pk
            yield answer


class Passage:
    """A new enrolment's whole way: sessions and batches in the order of their time."""

    def __init__(self, enrollment: Enrollment, structure: Structure, *, observe: bool = False):
        self.progress = CourseProgress(
            enrollment_id=enrollment.pk,
            user_id=enrollment.user_id,
            course_id=enrollment.course_id,
            chain_hash=GENESIS,
            updated_at=enrollment.enrolled_at,
        )
        self.contents: dict[int, ContentRow] = {}
        self.sessions: list[LearningSession] = []
        self.evidence: list[EvidenceRow] = []
        self.waivers: list[Waiver] = []
        self.messages: list[OutboxMessage] = []
        self._structure, self._observe, self._limits = structure, observe, current_limits()
        self._quizzes = _Attempts(self._working_set(enrollment.enrolled_at, None))

    def start(self, now: datetime, session_id: UUID, device_id: str = "") -> LearningSession:
        """Start a session; the one before must have ended."""
        session = LearningSession(
            session_id=session_id,
            enrollment_id=self.progress.enrollment_id,
            user_id=self.progress.user_id,
            course_id=self.progress.course_id,
            device_id=device_id,
            start_time=now,
            last_activity_at=now,
            elapsed_spans=timing.begin_elapsed(epoch_ms(now)),
        )
        session.open_ends = []
        self.sessions.append(session)
        self.progress.total_sessions += 1
        self.progress.session_start_time = now
        return session

    def deliver(
        self, session: LearningSession, events: list[Event], now: datetime
    ) -> list[Outcome]:
        """Credit a batch, received at `now`. Event ids must be new."""
        outcomes = [Outcome(None, event, event.event_id) for event in events]
        work = self._working_set(now, session)
        self._quizzes.turn_to(work)
        deciding.assign_moments(work, outcomes, None)
        deciding.admit(work, outcomes)
        self.evidence += deciding.apply_events(work, self._quizzes, outcomes)
        self.progress.updated_at = now
        # Nothing else completes modules or a course; percentages are folded once, at the end.
        if work.newly_complete or work.is_restructured:
            self._fold(work)
        return outcomes

    def end(self, session: LearningSession, now: datetime) -> None:
        """End a session by the learner; or, when it has been silent for too long, by the sweep."""
        if not closing.close_if_silent(session, self.progress, now):
            closing.close(session, self.progress, now, closing.ENDED)

    def finish(self, first_attempt_id: int) -> None:
        """Fold once more; attempts get the keys from `first_attempt_id` on."""
        if self.evidence:
            self._fold(self._working_set(self.progress.updated_at, self.sessions[-1]))
        for place, attempt in enumerate(self._quizzes.attempts):
            attempt.pk = first_attempt_id + place

    @property
    def attempts(self) -> list[QuizAttempt]:
        return self._quizzes.attempts

    def rows(self) -> dict[type, list]:
        """Everything to be written, by model."""
        return {
            CourseProgress: [self.progress],
            LearningSession: self.sessions,
            ContentProgress: list(self.contents.values()),
            QuizAttempt: self.attempts,
            QuizAnswer: list(self._quizzes.answers()),
            ContentInteraction: self.evidence,
            Waiver: self.waivers,
            OutboxMessage: self.messages,
        }

    def _working_set(self, now: datetime, session: LearningSession | None) -> WorkingSet:
        return WorkingSet(
            now=now,
            limits=self._limits,
            session=session,
            progress=self.progress,
            structure=self._structure,
            observe=self._observe,
            contents=self.contents,
        )

    def _fold(self, work: WorkingSet) -> None:
        course_fold.store_fold(work, course_fold.fold(work))
        self.waivers += work.waivers
        if work.is_first_completion:
            self.messages.append(course_fold.completion_message(work))


def observes(course: Course) -> bool:
    return course.plausibility == Course.Plausibility.OBSERVE


def packed(passages: Iterable[Passage]) -> dict[str, bytes]:
    """The passages' rows as COPY wants them, by model's name."""
    gathered: dict[type, list] = {model: [] for model in TABLES}
    for passage in passages:
        for model, rows in passage.rows().items():
            gathered[model] += rows
    return {model.__name__: encode(model, rows) for model, rows in gathered.items()}


def write(pack: dict[str, bytes]) -> None:
    """Write packed rows, within the caller's transaction."""
    outbox.silence_events()
    with connection.cursor() as cursor:
        for model in TABLES:
            columns = ", ".join(column.column for column in written(model))
            cursor.copy_expert(
                f"COPY {model._meta.db_table} ({columns}) FROM STDIN", BytesIO(pack[model.__name__])
            )
