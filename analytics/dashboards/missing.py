"""Whether those who replay a recording miss a question of the quiz that follows more often.

A comparison of who did what, never a cause: a passage may be replayed because it is hard.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Subquery
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from analytics.engagement.intervals import LEVEL, newcombe
from progress.models import Content, ContentProgress, Question, QuizAttempt

from .figures import share
from .filters import Chosen
from .hiding import SMALLEST_GROUP

REPLAYED_MS = 10_000  # less is a jump back to catch a word
MOST_SAID = 2


@dataclass(frozen=True, slots=True)
class Miss:
    """Of a question: (missed it, answered it) among those who replayed, and among the others."""

    question_id: int
    replayed: tuple[int, int]
    others: tuple[int, int]

    @property
    def difference(self) -> float:
        return self.replayed[0] / self.replayed[1] - self.others[0] / self.others[1]


def sentences(content: Content, chosen: Chosen) -> list[str]:
    """What the data say, the largest difference first; nothing where chance may have said it."""
    replays, attempts = _replays(content, chosen), _first_attempts(content, chosen)
    found = telling(misses(replays, attempts))[:MOST_SAID]
    if not found:
        return []
    questions = Question.objects.select_related("content")
    by_key = questions.in_bulk([miss.question_id for miss in found])
    return [_sentence(miss, by_key[miss.question_id]) for miss in found]


def misses(
    replays: dict[int, bool], attempts: Iterable[tuple[int, set[int], set[int]]]
) -> list[Miss]:
    """`replays`: who met the content, and whether they replayed it; `attempts`: of an enrolment,
    the questions answered and those answered rightly."""
    counted: dict[int, dict[bool, list[int]]] = {}
    for enrollment, answered, right in attempts:
        if enrollment in replays:
            for question in answered:
                sides = counted.setdefault(question, {True: [0, 0], False: [0, 0]})
                side = sides[replays[enrollment]]
                side[0] += question not in right
                side[1] += 1
    return [
        Miss(question, (sides[True][0], sides[True][1]), (sides[False][0], sides[False][1]))
        for question, sides in counted.items()
        if min(sides[True][1], sides[False][1]) >= SMALLEST_GROUP
    ]


def telling(found: list[Miss]) -> list[Miss]:
    """Those missed more often by who replayed, beyond chance; the level is shared out among all."""
    if not found:
        return []
    level = 1 - (1 - LEVEL) / len(found)
    kept = [miss for miss in found if newcombe(miss.replayed, miss.others, level=level).low > 0]
    return sorted(kept, key=lambda miss: (-miss.difference, miss.question_id))


def _replays(content: Content, chosen: Chosen) -> dict[int, bool]:
    rows = chosen.narrow(
        ContentProgress.objects.filter(content=content), course="enrollment__course"
    )
    told = rows.order_by().values_list("enrollment_id", "replayed_ms")
    return {enrollment: ms >= REPLAYED_MS for enrollment, ms in told}


def _first_attempts(content: Content, chosen: Chosen):
    """At the quiz that follows `content` in its module, if one does."""
    following = Content.objects.active().filter(
        module=content.module_id,
        content_type=Content.Type.QUIZ,
        hidden=False,
        position__gte=content.position,
    )
    quiz = Subquery(following.order_by("position", "pk").values("pk")[:1])
    rows = QuizAttempt.objects.filter(content=quiz, number=1, submitted_at__isnull=False)
    rows = chosen.narrow(rows, course="enrollment__course").order_by()
    for enrollment, answers, right in rows.values_list(
        "enrollment_id", "answers", "right_questions"
    ):
        yield enrollment, {int(question) for question in answers}, set(right or ())


def _sentence(miss: Miss, question: Question) -> str:
    told = _(
        "Of the %(count)s who replayed parts of it, %(percent)s %% missed “%(question)s” in "
        "‘%(quiz)s’ at the first try; of the %(others)s others %(others_percent)s %%."
    )
    return told % {
        "count": miss.replayed[1],
        "percent": share(*miss.replayed),
        "question": Truncator(question.text).chars(80),
        "quiz": question.content.title,
        "others": miss.others[1],
        "others_percent": share(*miss.others),
    }
