"""Scores submitted attempts again after the author corrected a quiz's answer key.

Completion stays: a learner who had passed keeps it. One who passes only now completes by the
normal path. Each change is stored with the old and the new score (`Regrade`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from progress.jobs import Run
from progress.models import (
    Content,
    OutboxMessage,
    Question,
    QuizAttempt,
    Regrade,
    User,
)
from progress.operations import outbox
from progress.operations.locking import lock_progress, retried
from progress.rules import quizzes
from progress.state.structure import ContentSpec, structure_of

from . import course_fold, refold
from .working_set import WorkingSet

CHUNK = 50
_SCORED = ["score_bp", "passed", "right_questions", "correct_count", "question_count"]


class NotAQuiz(ValueError):
    """The content has no answer key to score by."""


@dataclass(frozen=True, slots=True)
class Change:
    """An attempt whose score is different by today's answer key."""

    attempt: QuizAttempt
    score: quizzes.Score


class Key:
    """A quiz's answer key as it is today, for attempts of any age."""

    def __init__(self, content: Content):
        spec = structure_of(content.module.course).contents.get(content.pk)
        if spec is None or not spec.is_quiz:
            raise NotAQuiz(f"{content} is no quiz of its course.")
        self.spec: ContentSpec = spec
        self._made = dict(Question.objects.filter(content=content).values_list("pk", "created_at"))

    def changes(self, attempts: Sequence[QuizAttempt]) -> Iterator[Change]:
        for attempt in attempts:
            score = self._score(attempt)
            if score and (score.bp, score.passed) != (attempt.score_bp, attempt.passed):
                yield Change(attempt, score)

    def _score(self, attempt: QuizAttempt) -> quizzes.Score | None:
        """Returns None when none of the questions of that time is left."""
        key = self.spec.answer_key
        seen = {each: correct for each, correct in key.items() if self._was_seen(each, attempt)}
        chosen = {int(question): choices for question, (_, choices) in attempt.answers.items()}
        return quizzes.score(seen, chosen, self.spec.pass_bp) if seen else None

    def _was_seen(self, question: int, attempt: QuizAttempt) -> bool:
        """Whether the learner saw the question: it was drawn, or at least there already."""
        if attempt.drawn_questions is not None:
            return question in attempt.drawn_questions
        made = self._made[question]
        return str(question) in attempt.answers or made is None or made <= attempt.submitted_at


def preview(content: Content) -> list[Change]:
    """Returns what `regrade` would change, in the order of the attempts."""
    return list(Key(content).changes(_submitted(content).select_related("user").order_by("pk")))


def regrade(
    content: Content, *, reason: str, by: User | None, now: datetime, run: Run | None = None
) -> int:
    """Scores every submitted attempt by today's key. Returns the number of scores changed.

    Works in transactions of `CHUNK` learners. It may be run again after it was killed.
    """
    run = run or Run("regrade", now)
    key = Key(content)
    learners = _submitted(content).order_by("enrollment").values_list("enrollment_id", flat=True)
    ids = list(learners.distinct())
    work = partial(_regrade, content, key, reason, by, now)
    for at in range(0, len(ids), CHUNK):
        run.take(work, ids[at : at + CHUNK])
    return run.rows


def _submitted(content: Content):
    return QuizAttempt.objects.filter(content=content).exclude(submitted_at=None)


@retried
def _regrade(content, key: Key, reason, by, now, enrollment_ids: Sequence[int]) -> int:
    course = content.module.course
    works = refold.open_working_sets(lock_progress(enrollment_ids), course, now)
    attempts = list(_submitted(content).filter(enrollment__in=enrollment_ids).order_by("pk"))
    changes = list(key.changes(attempts))
    if not changes:
        return 0
    regrades = Regrade.objects.bulk_create(
        [_regrade_row(change, reason, by, now) for change in changes]
    )
    for change in changes:
        _score(change)
    QuizAttempt.objects.bulk_update([change.attempt for change in changes], _SCORED)
    changed_ids = {change.attempt.enrollment_id for change in changes}
    best = _best(attempts)
    touched = [work for work in works if work.progress.pk in changed_ids]
    for work in touched:
        work.content(key.spec).best_score_bp = best[work.progress.pk]
        course_fold.store_fold(work, course_fold.fold(work))
    refold.write(touched)
    _notify_apps(touched, regrades)
    return len(changes)


def _regrade_row(change: Change, reason: str, by: User | None, now: datetime) -> Regrade:
    attempt = change.attempt
    return Regrade(
        attempt=attempt,
        user_id=attempt.user_id,
        score_before_bp=attempt.score_bp,
        score_after_bp=change.score.bp,
        passed_before=attempt.passed,
        passed_after=change.score.passed,
        reason=reason,
        regraded_at=now,
        regraded_by=by,
    )


def _score(change: Change) -> None:
    attempt, score = change.attempt, change.score
    attempt.score_bp, attempt.passed = score.bp, score.passed
    attempt.right_questions = sorted(score.right)
    attempt.correct_count, attempt.question_count = len(score.right), score.questions


def _best(attempts: Sequence[QuizAttempt]) -> dict[int, int]:
    """Returns the best score by enrolment."""
    best: dict[int, int] = {}
    for attempt in attempts:
        best_so_far = best.get(attempt.enrollment_id, 0)
        best[attempt.enrollment_id] = max(best_so_far, attempt.score_bp or 0)
    return best


def _notify_apps(works: Sequence[WorkingSet], regrades: Sequence[Regrade]) -> None:
    """Lets the other apps know, by the outbox, that a completed course has another score.

    Its certificate may show the old one.
    """
    last_regrade = {regrade.attempt.enrollment_id: regrade.pk for regrade in regrades}
    messages = OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                kind="course_regraded",
                key=f"{work.progress.pk} {last_regrade[work.progress.pk]}",
                payload={"enrollment_id": work.progress.pk},
                created_at=work.now,
            )
            for work in works
            if work.progress.completed_at and not work.is_first_completion
        ]
    )
    transaction.on_commit(
        partial(outbox.send_soon, [message.pk for message in messages]), robust=True
    )
