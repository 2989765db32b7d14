"""A quiz attempt by attempt, and the wrong choices that most learners make at the first.

Attempts are never deleted and are few compared with events, so they are read directly.
"""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Aggregate, Avg, Count, FloatField, Q, QuerySet
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from progress.models import Content, QuizAttempt
from progress.pages.words import duration

from .figures import share
from .filters import Filters
from .minimum_sample import is_enough

LAST_NUMBER = 5  # this one and all after it are counted together
MIN_PERCENT = 20


class Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class AttemptSummary:
    """The submitted attempts with one number; None for fewer than five learners, or without a
    pass mark."""

    label: str
    learners: int
    passed_percent: int | None
    score_percent: int | None
    time: str


def by_number(content: Content, filters: Filters) -> list[AttemptSummary]:
    """How the first attempt went, the second, and so on. One statement."""
    counted = (
        _submitted(content, filters)
        .annotate(nth=Least("number", LAST_NUMBER))
        .values("nth")
        .annotate(
            learners=Count("enrollment", distinct=True),
            attempts=Count("pk"),
            marked=Count("pk", filter=Q(passed__isnull=False)),
            passed=Count("pk", filter=Q(passed=True)),
            score_bp=Avg("score_bp"),
            time_ms=Median("time_ms"),
        )
        .order_by("nth")
    )
    return [_summary(row) for row in counted]


def _submitted(content: Content, filters: Filters) -> QuerySet[QuizAttempt]:
    rows = QuizAttempt.objects.filter(content=content, submitted_at__isnull=False)
    return filters.apply(rows, course="enrollment__course").order_by()


def _summary(row: dict) -> AttemptSummary:
    label = str(row["nth"])
    if row["nth"] == LAST_NUMBER:
        label = _("%(number)s or more") % {"number": LAST_NUMBER}
    if not is_enough(row["learners"]):
        return AttemptSummary(label, row["learners"], None, None, "–")
    return AttemptSummary(
        label,
        row["learners"],
        share(row["passed"], row["attempts"]) if row["marked"] else None,
        None if row["score_bp"] is None else int(row["score_bp"] // 100),
        duration(row["time_ms"] / 1000),
    )


# --- Wrong choices -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Distractor:
    """A wrong choice, and the share of those who answered the question that chose it."""

    text: str
    percent: int


# Per question, how many answered it (no choice), and how many made each wrong choice.
_CHOICES = """
SELECT answer.key::bigint, choice.text, count(DISTINCT attempt.id)
  FROM ({attempts}) attempt
 CROSS JOIN LATERAL jsonb_each(attempt.answers) AS answer
 CROSS JOIN LATERAL jsonb_array_elements(answer.value -> 1) AS made (choice)
  LEFT JOIN progress_choice choice ON choice.question_id = answer.key::bigint
   AND to_jsonb(choice.id) = made.choice AND NOT choice.is_correct
 GROUP BY GROUPING SETS ((answer.key), (answer.key, choice.id, choice.text))
HAVING GROUPING(choice.id) = 1 OR choice.id IS NOT NULL
 ORDER BY GROUPING(choice.id) DESC, 3 DESC, choice.id
"""


def distractors(content: Content, filters: Filters) -> dict[int, Distractor]:
    """Per question the most frequent wrong choice at the first attempt. One statement.

    Only for questions that five learners answered, and if a fifth of them chose it.
    """
    attempts = _submitted(content, filters).filter(number=1).values("id", "answers")
    try:
        statement, parameters = attempts.query.sql_with_params()
    except EmptyResultSet:  # without courses Django needs no statement
        return {}
    with connections[attempts.db].cursor() as cursor:
        cursor.execute(_CHOICES.format(attempts=statement), parameters)
        rows = cursor.fetchall()
    answered = {question: people for question, text, people in rows if text is None}
    found: dict[int, Distractor] = {}
    for question, text, count in rows:
        if text is None or not is_enough(answered[question]):
            continue
        percent = share(count, answered[question])
        if percent >= MIN_PERCENT:
            found.setdefault(question, Distractor(text, percent))
    return found
