"""Quiz events: answers saved one by one with revisions, and the submission that scores them."""

from datetime import datetime

from progress.models import Accommodation, QuizAnswer, QuizAttempt
from progress.rules import grading, quizzes, time_limits
from progress.state import draws
from progress.state.structure import ContentSpec

from .answer_checks import check_answer
from .events import Event, epoch_ms
from .outcome import (
    AFTER_TIME_LIMIT,
    ATTEMPT_CLOSED,
    INVALID,
    NO_ATTEMPTS_LEFT,
    NO_OPEN_ATTEMPT,
    REVISION_CONFLICT,
    TIME_LIMIT,
    Outcome,
    Refused,
)
from .working_set import WorkingSet


class QuizAttempts:
    """The attempts that a batch reads and changes, and the answers it adds to their history."""

    def __init__(self, work: WorkingSet):
        self._working_set = work
        self._attempts: dict[int, list[QuizAttempt]] = {}
        self._changed: dict[tuple[int, int], QuizAttempt] = {}
        self._history: list[tuple[QuizAttempt, QuizAnswer]] = []

    def load(self, content_ids: set[int]) -> None:
        """One statement, when the batch has quiz events."""
        if not content_ids:
            return
        progress = self._working_set.progress
        for attempt in QuizAttempt.objects.filter(
            enrollment_id=progress.enrollment_id,
            user_id=progress.user_id,
            content_id__in=content_ids,
        ).order_by("number"):
            self._attempts.setdefault(attempt.content_id, []).append(attempt)

    def write(self) -> None:
        """Two statements at most: attempts, then the history of answers."""
        changed = sorted(self._changed.values(), key=lambda attempt: attempt.number)
        for attempt in changed:
            attempt.pk = None  # matched by enrolment, content and number
        if changed:
            QuizAttempt.objects.bulk_create(
                changed,
                update_conflicts=True,
                unique_fields=["user", "enrollment", "content", "number"],
                update_fields=_WRITTEN,
            )
        for attempt, answer in self._history:
            answer.attempt_id = attempt.pk
        if self._history:
            QuizAnswer.objects.bulk_create([answer for _, answer in self._history])

    def apply(self, content: ContentSpec, outcome: Outcome) -> None:
        """Save an answer or submit; a writer with an old base gets `conflict` and what is stored.

        Raises Refused before anything changes.
        """
        event = outcome.event
        if event.interaction_type == "begin":
            self._note_begun(content, outcome)
        elif event.interaction_type == "answer":
            self._answer(content, outcome)
        elif event.interaction_type == "submit":
            self._submit(content, outcome)

    def spend(self, content: ContentSpec, event: Event, fresh_ms: int) -> None:
        """Book an event's time to the attempt it is for, and to its question if it names one."""
        attempt = self._named(content, event) or self._last(content)
        is_review = attempt and attempt.submitted_at and event.interaction_type != "submit"
        if attempt is None or is_review or not fresh_ms:
            return
        attempt.time_ms += fresh_ms
        if event.question_id in content.answer_key:
            question = str(event.question_id)
            attempt.question_ms[question] = attempt.question_ms.get(question, 0) + fresh_ms
        if event.interaction_type == "answer":
            self._history[-1][1].time_ms = fresh_ms
        self._mark(attempt)

    # --- Answers -----------------------------------------------------------------------------
    def _answer(self, content: ContentSpec, outcome: Outcome) -> None:
        event = outcome.event
        question_key = _checked_key(content, event)
        attempt = self._open_attempt(content, outcome)
        if attempt is None:
            attempt = self._begin(content, outcome)
        elif event.question_id not in draws.asked_key(content, attempt.drawn_questions):
            raise _not_asked()
        question = str(event.question_id)
        revision, stored = attempt.answers.get(question, (0, []))
        outcome.quiz["attempt"] = attempt.number
        if attempt.ends_at and time_limits.is_late(
            outcome.moment_ms, self._working_set.ms(attempt.ends_at)
        ):
            outcome.code = AFTER_TIME_LIMIT
            outcome.detail = "This answer was given after the time limit, and doesn't count."
            outcome.quiz |= {"revision": revision, "is_late": True}
            self._remember(attempt, event, question_key, revision, is_late=True)
            return
        if event.base_revision > revision:
            raise Refused(INVALID, "base_revision", f"The stored revision is {revision}.")
        if event.base_revision < revision:
            outcome.conflict(
                REVISION_CONFLICT, "This answer was changed elsewhere; here is what is stored."
            )
            outcome.quiz |= {"revision": revision, "stored": stored}
        else:
            revision += 1
            attempt.answers[question] = [revision, list(event.answer)]
            outcome.quiz["revision"] = revision
        is_conflict = outcome.status != "accepted"
        self._remember(attempt, event, question_key, revision, is_conflict=is_conflict)
        self._mark(attempt)
        if outcome.status == "accepted":
            self._share(content, attempt)

    def _remember(
        self,
        attempt,
        event: Event,
        key: grading.Key,
        revision: int,
        *,
        is_conflict: bool = False,
        is_late: bool = False,
    ) -> None:
        # A typed number isn't the id of a choice.
        is_chosen = isinstance(key, frozenset | grading.Order)
        answer = QuizAnswer(
            user_id=attempt.user_id,
            question_id=event.question_id,
            revision=revision,
            base_revision=event.base_revision,
            is_conflict=is_conflict or is_late,
            is_late=is_late,
            choices=list(event.answer) if is_chosen else [],
            other_answer=None if is_chosen else list(event.answer),
            answered_at=self._working_set.now,
        )
        self._history.append((attempt, answer))

    def _share(self, content: ContentSpec, attempt: QuizAttempt) -> None:
        """Before it is done, a quiz stands at the largest share answered in any attempt."""
        chosen = _chosen(attempt)
        row = self._working_set.content(content)
        key = draws.asked_key(content, attempt.drawn_questions)
        row.answered_bp = max(row.answered_bp, quizzes.answered_bp(key, chosen))

    # --- Submission --------------------------------------------------------------------------
    def _submit(self, content: ContentSpec, outcome: Outcome) -> None:
        event = outcome.event
        attempt = self._open_attempt(content, outcome)
        if attempt is None:
            if self._attempts.get(content.id):
                raise Refused(ATTEMPT_CLOSED, "attempt", "This attempt is already submitted.")
            raise Refused(NO_OPEN_ATTEMPT, "attempt", "No attempt is open: answer first.")
        attempt.submitted_sequence = event.sequence
        attempt.submitted_session = self._working_set.session.pk
        score = self._close(content, attempt, self._working_set.moment(outcome.moment_ms))
        outcome.quiz |= {"attempt": attempt.number, "score": score.bp / 100}
        if score.passed is not None:
            outcome.quiz["passed"] = score.passed

    def submit_overdue(self, content: ContentSpec) -> Outcome | None:
        """Submit the open attempt whose time is over, exactly as the job would have.

        So that it makes no difference whether the job was running. Returns what the evidence says
        of it; None where there is no such attempt.
        """
        last = self._last(content)
        if last is None or not is_overdue(last, self._working_set.now_ms):
            return None
        self._close(content, last, last.closes_at)
        return submitted_by_server(last)

    def _close(self, content: ContentSpec, attempt: QuizAttempt, moment: datetime) -> quizzes.Score:
        score = close(content, attempt, moment)
        self._mark(attempt)
        keep_best(self._working_set.content(content), attempt)
        return score

    # --- Attempts ----------------------------------------------------------------------------
    def _last(self, content: ContentSpec) -> QuizAttempt | None:
        attempts = self._attempts.get(content.id)
        return attempts[-1] if attempts else None

    def _named(self, content: ContentSpec, event: Event) -> QuizAttempt | None:
        known = self._attempts.get(content.id, [])
        return next((attempt for attempt in known if attempt.number == event.attempt), None)

    def _open_attempt(self, content: ContentSpec, outcome: Outcome) -> QuizAttempt | None:
        """The attempt that an event is for; None when there is none open, and none is named.

        Raises Refused for a closed or unknown one, and for an event from before the last
        attempt's end: a late answer never opens a new attempt.
        """
        event, last = outcome.event, self._last(content)
        if event.attempt is not None:
            named = self._named(content, event)
            if named is None and event.attempt != (last.number if last else 0) + 1:
                raise Refused(INVALID, "attempt", f"There is no attempt {event.attempt}.")
            if named is not None and named.submitted_at is not None:
                raise _closed(named)
            if named is None and last is not None and last.submitted_at is None:
                raise Refused(INVALID, "attempt", f"Attempt {last.number} is still open.")
            return named
        if last is None or last.submitted_at is None:
            return last
        if self._is_before_end(event, outcome.moment_ms, last):
            raise _closed(last)
        return None

    def _is_before_end(self, event: Event, moment_ms: int, closed: QuizAttempt) -> bool:
        same_session = closed.submitted_session == self._working_set.session.pk
        if same_session and None not in (event.sequence, closed.submitted_sequence):
            return event.sequence < closed.submitted_sequence
        return moment_ms < self._working_set.ms(closed.submitted_at)

    def _begin(self, content: ContentSpec, outcome: Outcome) -> QuizAttempt:
        attempts = self._attempts.setdefault(content.id, [])
        if content.max_attempts is not None and len(attempts) >= content.max_attempts:
            raise Refused(
                NO_ATTEMPTS_LEFT, "attempt", f"All {content.max_attempts} attempts have been used."
            )
        if outcome.event.base_revision:
            raise Refused(INVALID, "base_revision", "The stored revision is 0.")
        progress, number = self._working_set.progress, len(attempts) + 1
        drawn = draws.draw_for(content, progress.enrollment_id, number)
        if drawn is not None:
            if _answers_another(outcome.event, drawn):
                raise _not_asked()
            outcome.quiz["questions"] = drawn
        attempt = QuizAttempt(
            enrollment_id=progress.enrollment_id,
            user_id=progress.user_id,
            content_id=content.id,
            number=number,
            drawn_questions=drawn,
            started_at=self._working_set.moment(outcome.moment_ms),
        )
        self._limit(content, attempt)
        if attempt.ends_at is not None:
            outcome.quiz["ends_at"] = attempt.ends_at.isoformat()
        attempts.append(attempt)
        self._mark(attempt)
        return attempt

    def _note_begun(self, content: ContentSpec, outcome: Outcome) -> None:
        """Begin an attempt, unless it is open already: said twice, it begins once."""
        attempt = self._open_attempt(content, outcome) or self._begin(content, outcome)
        outcome.quiz["attempt"] = attempt.number
        if attempt.ends_at is not None:
            outcome.quiz["ends_at"] = attempt.ends_at.isoformat()

    def _limit(self, content: ContentSpec, attempt: QuizAttempt) -> None:
        """Store until when the attempt's answers count: a later edit doesn't change that."""
        if content.time_limit_seconds is None:
            return
        percent = Accommodation.objects.filter(user=attempt.user_id).values_list(
            "quiz_time_percent", flat=True
        )
        work = self._working_set
        deadline = time_limits.deadline(
            work.ms(attempt.started_at),
            content.time_limit_seconds,
            content.grace_seconds,
            percent=percent.first() or time_limits.NO_EXTRA_PERCENT,
            late_event_ms=work.limits.late_event_ms,
        )
        attempt.ends_at = work.moment(deadline.ends_ms)
        attempt.closes_at = work.moment(deadline.closes_ms)

    def _mark(self, attempt: QuizAttempt) -> None:
        self._changed[attempt.content_id, attempt.number] = attempt


_WRITTEN = [
    column.name
    for column in QuizAttempt._meta.concrete_fields
    if column.name not in {"id", "enrollment", "user", "content", "number", "started_at"}
]


def check(content: ContentSpec, event: Event) -> None:
    """Raise Refused for quiz events on what isn't a quiz."""
    if event.interaction_type in {"begin", "answer", "submit"} and not content.is_quiz:
        raise Refused(INVALID, "interaction_type", "Only a quiz can be answered or submitted.")


def close(content: ContentSpec, attempt: QuizAttempt, moment: datetime) -> quizzes.Score:
    """Score an attempt and close it for good; written by the caller."""
    key = draws.asked_key(content, attempt.drawn_questions)
    score = quizzes.score(key, _chosen(attempt), content.pass_bp)
    attempt.submitted_at = moment
    attempt.right_questions = sorted(score.right)
    attempt.correct_count = len(score.right)
    attempt.question_count = score.questions
    attempt.score_bp = score.bp
    attempt.passed = score.passed
    return score


def submitted_by_server(attempt: QuizAttempt) -> Outcome:
    """The submission that no tracker sent, as an event of the server's own for the evidence."""
    event = Event(attempt.content_id, "submit", attempt=attempt.number)
    outcome = Outcome(None, event, moment_ms=epoch_ms(attempt.closes_at), code=TIME_LIMIT)
    outcome.quiz |= {"attempt": attempt.number, "score": (attempt.score_bp or 0) / 100}
    if attempt.passed is not None:
        outcome.quiz["passed"] = attempt.passed
    return outcome


def keep_best(row, attempt: QuizAttempt) -> None:
    """The learner's best score. An attempt without any answer is none: where there is no pass
    mark, it would complete the quiz."""
    if attempt.answers:
        row.best_score_bp = max(row.best_score_bp or 0, attempt.score_bp or 0)


def is_overdue(attempt: QuizAttempt, now_ms: int) -> bool:
    """Whether an attempt is open, though nothing that counts can arrive any more."""
    return (
        attempt.submitted_at is None
        and attempt.closes_at is not None
        and time_limits.is_overdue(now_ms, epoch_ms(attempt.closes_at))
    )


def _answers_another(event: Event, drawn: list[int]) -> bool:
    return event.interaction_type == "answer" and event.question_id not in drawn


def _checked_key(content: ContentSpec, event: Event) -> grading.Key:
    if event.question_id is None:
        raise Refused("required", "question_id", "This field is required.")
    if event.answer is None:
        raise Refused("required", "answer", "This field is required.")
    question = next((known for known in content.questions if known.id == event.question_id), None)
    if question is None:
        raise Refused(INVALID, "question_id", "This quiz has no such question.")
    check_answer(question, event.answer)
    return question.key


def _not_asked() -> Refused:
    return Refused(INVALID, "question_id", "This attempt doesn't ask this question.")


def _chosen(attempt: QuizAttempt) -> dict[int, list]:
    return {int(question): answer for question, (_, answer) in attempt.answers.items()}


def _closed(attempt: QuizAttempt) -> Refused:
    return Refused(ATTEMPT_CLOSED, "attempt", f"Attempt {attempt.number} is already submitted.")
