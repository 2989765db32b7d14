"""Keeps each learner's skills up to date with their submitted attempts; the only writer of them.

A learner is always traced from all their attempts, so corrections of the answer key and attempts
that arrive late need no special treatment, and repeating it gives the same result.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from fsrs import Card

from analytics.facts import store
from analytics.facts.store import upsert
from analytics.models import LearnerSkill, QuestionRollup, TracedContent, TraceDue
from progress.jobs import Run
from progress.models import Content, QuizAttempt, marks

from . import reviewing
from .tracers import Rating, difficulty

# Measured by `bin/research evaluate_mastery`; docs/mastery.md explains the choice.
TRACER = Rating()
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Attempt:
    """A submitted attempt: the questions answered, and those answered right."""

    user_id: int
    skills: Sequence[str]
    submitted_at: datetime
    answered: Sequence[int]
    right: frozenset[int]


@dataclass(slots=True)
class Trace:
    """The state of a skill while a learner's attempts are processed, the oldest first."""

    card: Card
    state: tuple[float, ...] = field(default_factory=TRACER.start)
    answers: int = 0
    right: int = 0
    difficulty: float = 0.0  # summed over answers

    def add(self, attempt: Attempt, difficulties: Mapping[int, float]) -> None:
        for question in attempt.answered:
            is_right = float(question in attempt.right)
            hard = difficulties.get(question, 0.0)
            self.state = TRACER.after(self.state, hard, is_right)
            self.difficulty += hard
        right = sum(question in attempt.right for question in attempt.answered)
        self.answers += len(attempt.answered)
        self.right += right
        self.card = reviewing.reviewed(
            self.card, right, len(attempt.answered), attempt.submitted_at
        )

    @property
    def mastery(self) -> float:
        """The expected share of right answers if such questions were asked again."""
        return TRACER.chance(self.state, self.difficulty / self.answers)


def traces(
    attempts: Iterable[Attempt], difficulties: Mapping[int, float]
) -> dict[tuple[int, str], Trace]:
    """Each learner's skills, `{(user id, skill): trace}`, from attempts in order. Pure."""
    found: dict[tuple[int, str], Trace] = {}
    for attempt in attempts:
        for skill in dict.fromkeys(attempt.skills):
            key = (attempt.user_id, skill)
            if key not in found:
                found[key] = Trace(reviewing.new_card(attempt.submitted_at))
            found[key].add(attempt, difficulties)
    return found


@transaction.atomic
def trace(user_ids: Sequence[int]) -> int:
    """Compute these learners' skills from their attempts; returns the number of learners."""
    store.lock()
    TraceDue.objects.filter(pk__in=list(user_ids)).delete()
    attempts = _attempts(user_ids)
    questions = {question for attempt in attempts for question in attempt.answered}
    found = traces(attempts, _difficulties(questions))
    known = LearnerSkill.objects.filter(user__in=list(user_ids)).values_list("pk", "user", "skill")
    gone = [pk for pk, user, skill in known if (user, skill) not in found]
    LearnerSkill.objects.filter(pk__in=gone).delete()
    rows = [_row(user, skill, traced) for (user, skill), traced in sorted(found.items())]
    upsert(rows, ["user", "skill"], _TRACED)
    return len(user_ids)


def mark(user_ids: Collection[int]) -> None:
    """Have these learners traced soon; called in the transaction that changed their answers."""
    TraceDue.objects.bulk_create(
        [TraceDue(user_id=user) for user in sorted(user_ids)], ignore_conflicts=True
    )


def trace_due(run: Run) -> None:
    """Trace everyone with new answers; `run.rows` counts learners."""
    due = TraceDue.objects.exclude(pk__in=run.rows_set_aside()).order_by("pk")
    after = 0
    while ids := list(due.filter(pk__gt=after).values_list("pk", flat=True)[:CHUNK]):
        run.take(trace, ids)
        after = ids[-1]


@transaction.atomic
def follow_skills() -> int:
    """Mark learners who took quizzes whose skills have changed since; returns their number."""
    store.lock()
    quizzes = Content.objects.filter(content_type=Content.Type.QUIZ)
    changed = dict(
        quizzes.annotate(before=F("traced__skills"))
        .filter(Q(before=None) & ~Q(skills=[]) | ~Q(before=None) & ~Q(skills=F("before")))
        .values_list("pk", "skills")
    )
    attempts = marks.counted(QuizAttempt.objects.filter(submitted_at__isnull=False))
    learners = attempts.filter(content__in=list(changed))
    ids = set(learners.values_list("user", flat=True))
    mark(ids)
    upsert(
        [TracedContent(content_id=pk, skills=skills) for pk, skills in sorted(changed.items())],
        ["content"],
        ["skills"],
    )
    return len(ids)


_TRACED = ["answers", "right", "mastery", "reviewed_at", "stability_days", "due_at"]


def _row(user_id: int, skill: str, traced: Trace) -> LearnerSkill:
    return LearnerSkill(
        user_id=user_id,
        skill=skill,
        answers=traced.answers,
        right=traced.right,
        mastery=traced.mastery,
        reviewed_at=traced.card.last_review,
        stability_days=traced.card.stability,
        due_at=traced.card.due,
    )


def _attempts(user_ids: Sequence[int]) -> list[Attempt]:
    rows = (
        QuizAttempt.objects.filter(user__in=list(user_ids), submitted_at__isnull=False)
        .exclude(answers={})
        .exclude(content__skills=[])
        .order_by("user", "submitted_at", "pk")
        .values_list("user", "content__skills", "submitted_at", "answers", "right_questions")
    )
    return [
        Attempt(user, skills, at, sorted(map(int, answers)), frozenset(right or ()))
        for user, skills, at, answers, right in rows
    ]


def _difficulties(questions: Collection[int]) -> dict[int, float]:
    """From everyone's first attempts; a question without any is average."""
    rows = QuestionRollup.objects.filter(pk__in=questions, first_answers__gt=0)
    return {
        pk: difficulty(right, answers)
        for pk, right, answers in rows.values_list("pk", "first_right", "first_answers")
    }
