"""Keeps each learner's skills up to date with their submitted attempts; the only writer of them.

A learner is always traced from all their attempts, so corrections of the answer key and attempts
that arrive late need no special treatment, and repeating it gives the same result.
"""

import logging
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import F, Q, QuerySet
from fsrs import Card

from analytics.facts import store
from analytics.facts.store import upsert
from analytics.models import (
    LearnerSkill,
    MasteryModel,
    QuestionRollup,
    TracedContent,
    TraceDue,
)
from progress.jobs import Run
from progress.models import Content, QuizAttempt, marks

from . import reviewing
from .marking import mark
from .states import RATING, Difficulties, Question, SkillAnswer, State
from .tracers import difficulty
from .trees import BadTrees, Trees, read_document

logger = logging.getLogger(__name__)
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
    """A skill of a learner while attempts are processed, the oldest first."""

    card: Card
    answers: int = 0
    right: int = 0
    difficulty: float = 0.0  # summed over answers, like how many first answers it comes from
    first_answers: float = 0.0
    mastery: float = 0.0  # the expected share of right answers if such questions were asked again

    def add(self, attempt: Attempt, known: Difficulties, skill: str) -> None:
        right = sum(question in attempt.right for question in attempt.answered)
        self.answers += len(attempt.answered)
        self.right += right
        self.difficulty += sum(known.of(question, skill) for question in attempt.answered)
        self.first_answers += sum(known.answers.get(each, 0) for each in attempt.answered)
        self.card = reviewing.reviewed(
            self.card, right, len(attempt.answered), attempt.submitted_at
        )


def traces(
    attempts: Iterable[Attempt], known: Difficulties, fitted: Trees | None = None
) -> dict[tuple[int, str], Trace]:
    """Each learner's skills, `{(user id, skill): trace}`, from attempts in order. Pure.

    Mastery is what the `fitted` model predicts or, without one, the rating in the skill.
    """
    found: dict[tuple[int, str], Trace] = {}
    states: dict[int, State] = {}
    for attempt in attempts:
        skills = tuple(dict.fromkeys(attempt.skills))
        state = states.setdefault(attempt.user_id, State())
        for question in attempt.answered:
            state.add(SkillAnswer(question, skills, float(question in attempt.right)), known)
        for skill in skills:
            key = (attempt.user_id, skill)
            if key not in found:
                found[key] = Trace(reviewing.new_card(attempt.submitted_at))
            found[key].add(attempt, known, skill)
    _judge(found, states, known, fitted)
    return found


def _judge(
    found: Mapping[tuple[int, str], Trace],
    states: Mapping[int, State],
    known: Difficulties,
    fitted: Trees | None,
) -> None:
    """Sets the mastery of each skill: of a question as hard as those answered on it."""
    rows = []
    for (user_id, skill), each in found.items():
        hard = each.difficulty / each.answers
        state = states[user_id]
        each.mastery = RATING.chance(state.by_skill[skill].rating, hard)
        question = Question(hard, known.skills.get(skill, hard), each.first_answers / each.answers)
        rows.append(state.row(skill, question))
    if fitted is not None and rows:
        chances = fitted.chance(np.array(rows, dtype=float))
        for each, chance in zip(found.values(), chances.tolist(), strict=True):
            each.mastery = chance


@transaction.atomic
def trace(user_ids: Sequence[int]) -> int:
    """Compute these learners' skills from their attempts; returns the number of learners."""
    store.lock()
    TraceDue.objects.filter(pk__in=list(user_ids)).delete()
    attempts = _attempts(user_ids)
    skills = {skill for attempt in attempts for skill in attempt.skills}
    found = traces(attempts, _difficulties(skills), model_in_use())
    known = LearnerSkill.objects.filter(user__in=list(user_ids)).values_list("pk", "user", "skill")
    gone = [pk for pk, user, skill in known if (user, skill) not in found]
    LearnerSkill.objects.filter(pk__in=gone).delete()
    rows = [_row(user, skill, traced) for (user, skill), traced in sorted(found.items())]
    upsert(rows, ["user", "skill"], _TRACED)
    return len(user_ids)


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


def model_in_use() -> Trees | None:
    """The model fitted to own answers (`learning`); None where there is none, or it can't be
    read."""
    row = MasteryModel.objects.first()
    if row is None:
        return None
    try:
        return read_document(row.document)
    except BadTrees as error:
        # The rating is used until the model has been learned anew.
        logger.warning("the model of answers isn't used: %s", error)
        return None


def _attempts(user_ids: Sequence[int]) -> list[Attempt]:
    return list(in_order(with_skills().filter(user__in=list(user_ids))))


def with_skills() -> QuerySet[QuizAttempt]:
    """The submitted attempts that say something about a skill."""
    rows = QuizAttempt.objects.filter(submitted_at__isnull=False)
    return rows.exclude(answers={}).exclude(content__skills=[])


def in_order(rows: QuerySet[QuizAttempt]) -> Iterator[Attempt]:
    """Learner by learner, the oldest attempt first."""
    found = rows.order_by("user", "submitted_at", "pk").values_list(
        "user", "content__skills", "submitted_at", "answers", "right_questions"
    )
    for user, skills, at, answers, right in found.iterator(chunk_size=2_000):
        yield Attempt(user, skills, at, sorted(map(int, answers)), frozenset(right or ()))


def _difficulties(skills: Collection[str]) -> Difficulties:
    """Of the questions on these skills, and of the skills: from everyone's first attempts."""
    rows = QuestionRollup.objects.filter(
        content__skills__overlap=sorted(skills), first_answers__gt=0
    )
    items: dict[Hashable, float] = {}
    counts: dict[Hashable, int] = {}
    sums: dict[str, tuple[int, int]] = {}
    columns = ("pk", "content__skills", "first_right", "first_answers")
    for pk, of_content, right, answers in rows.values_list(*columns):
        items[pk], counts[pk] = difficulty(right, answers), answers
        for skill in set(of_content):
            so_far = sums.get(skill, (0, 0))
            sums[skill] = (so_far[0] + right, so_far[1] + answers)
    by_skill = {skill: difficulty(*each) for skill, each in sums.items()}
    return Difficulties(items, by_skill, counts)
