"""A quiz's questions: how hard each is, and how well it separates those who know from those who
don't.

Based on each learner's first submitted attempt, since later ones have seen the answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from django.utils.translation import gettext as _

from analytics.models import QuestionRollup
from progress.models import Content, Question
from progress.pages.words import duration

from .attempts import Distractor, distractors
from .figures import share
from .filters import Filters
from .minimum_sample import is_enough

HARD_BELOW, EASY_FROM = 40, 90
# Item-rest correlations around zero are noise; well below, the wrong learners answer it right.
MIN_DISCRIMINATION = 0.2


@dataclass(frozen=True, slots=True)
class Item:
    """A question; what is None is hidden for fewer than five learners, or can't be computed."""

    code: str
    text: str
    learners: int
    right_percent: int | None
    discrimination: float | None
    median_seconds: int | None
    verdict: str
    distractor: Distractor | None = None

    @property
    def seconds(self) -> str:
        return "" if self.median_seconds is None else duration(self.median_seconds)


def items(content: Content, filters: Filters) -> list[Item]:
    """Over everyone's first attempts; only the distractor is that of the learners the page is
    filtered by."""
    rollups = QuestionRollup.objects.filter(content=content).in_bulk()
    by_question = distractors(content, filters)
    questions = Question.objects.active().filter(content=content)
    return [
        _item(question, rollups.get(question.pk), by_question.get(question.pk))
        for question in questions
    ]


def _item(question: Question, rollup: QuestionRollup | None, distractor: Distractor | None) -> Item:
    learners = rollup.first_answers if rollup else 0
    if rollup is None or not is_enough(learners):
        return Item(
            question.code, question.text, learners, None, None, None, _("Too few answers yet")
        )
    right = share(rollup.first_right, learners)
    correlation = discrimination(rollup)
    return Item(
        question.code,
        question.text,
        learners,
        right,
        correlation,
        median_seconds(rollup.seconds),
        _verdict(right, correlation),
        distractor,
    )


def discrimination(rollup: QuestionRollup) -> float | None:
    """The correlation between answering it right and the number of other right answers (item-rest).

    None if everyone answered alike.
    """
    n, x, y = rollup.first_answers, rollup.first_right, rollup.first_rest
    spread = (n * x - x * x) * (n * rollup.first_rest_squared - y * y)
    return (n * rollup.first_right_rest - x * y) / sqrt(spread) if spread > 0 else None


def _verdict(right: int, correlation: float | None) -> str:
    if correlation is not None and correlation <= -MIN_DISCRIMINATION:
        return _("Those who know the rest get it wrong: is its answer key right?")
    if right < HARD_BELOW:
        return _("Hard")
    if right >= EASY_FROM:
        return _("Nearly everybody knows")
    if correlation is not None and correlation < MIN_DISCRIMINATION:
        return _("Separates learners poorly")
    return _("Works")


def median_seconds(counts: Sequence[int]) -> int | None:
    """The median of answers counted by whole seconds; None if no time was reported."""
    total = sum(counts)
    passed = 0
    for seconds, count in enumerate(counts):
        passed += count
        if total and passed * 2 >= total:
            return seconds
    return None
