"""Whether learners who replay a passage miss a question of the following quiz more often.

A comparison of who did what, never a cause: a passage may be replayed because it is hard.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Subquery
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from analytics.query.curves import Hotspot, Passage
from analytics.query.figures import share
from analytics.query.filters import Filters
from analytics.query.intervals import LEVEL, newcombe
from analytics.query.minimum_sample import is_enough
from progress.models import Content, Question, QuizAttempt

MAX_QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class Miss:
    """For a question: (missed it, answered it) among those who replayed the passage, and among
    the others."""

    question_id: int
    replayed: tuple[int, int]
    others: tuple[int, int]

    @property
    def difference(self) -> float:
        return self.replayed[0] / self.replayed[1] - self.others[0] / self.others[1]


def hotspots(
    content: Content, passage: Passage, replays: dict[int, bool], filters: Filters
) -> list[Hotspot]:
    """What the data say about learners who replayed the passage, the largest difference first.

    `replays` has for each enrolment that watched it whether it was replayed. If a difference may be
    due to chance, only that the passage is replayed; nothing for fewer than five learners.
    """
    if not is_enough(len(replays)):
        return []
    percent = share(sum(replays.values()), len(replays))
    found = beyond_chance(misses(replays, _first_attempts(content, filters)))[:MAX_QUESTIONS]
    if not found:
        return [passage.hotspot(percent)]
    questions = Question.objects.filter(content__questions=found[0].question_id)
    names = {
        question.pk: (number, question)
        for number, question in enumerate(questions.active().select_related("content"), 1)
    }
    shown = [(miss, *names[miss.question_id]) for miss in found if miss.question_id in names]
    if not shown:
        return [passage.hotspot(percent)]
    return [passage.hotspot(percent, _extra(*shown[0])), *(_hotspot(*each) for each in shown[1:])]


def misses(
    replays: dict[int, bool], attempts: Iterable[tuple[int, set[int], set[int]]]
) -> list[Miss]:
    """`replays`: which enrolments met the content, and whether they replayed it; `attempts`: for
    each enrolment the questions answered, and those answered correctly."""
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
        if is_enough(min(sides[True][1], sides[False][1]))
    ]


def beyond_chance(found: list[Miss]) -> list[Miss]:
    """The questions that learners who replayed the passage missed more often, beyond chance; the
    level is divided among all of them."""
    if not found:
        return []
    level = 1 - (1 - LEVEL) / len(found)
    kept = [miss for miss in found if newcombe(miss.replayed, miss.others, level=level).low > 0]
    return sorted(kept, key=lambda miss: (-miss.difference, miss.question_id))


def _first_attempts(content: Content, filters: Filters):
    """At the next quiz in the course's order, if there is one."""
    module = content.module
    here = Q(module=module, position__gte=content.position)
    later = Q(module__position__gt=module.position)
    following = Content.objects.active().filter(
        here | later,
        module__course=module.course_id,
        module__retired_at=None,
        content_type=Content.Type.QUIZ,
        hidden=False,
    )
    in_order = following.order_by("module__position", "module", "position", "pk")
    quiz = Subquery(in_order.values("pk")[:1])
    rows = QuizAttempt.objects.filter(content=quiz, number=1, submitted_at__isnull=False)
    rows = filters.apply(rows, course="enrollment__course").order_by()
    for enrollment, answers, right in rows.values_list(
        "enrollment_id", "answers", "right_questions"
    ):
        yield enrollment, {int(question) for question in answers}, set(right or ())


def _extra(miss: Miss, number: int, question: Question) -> str:
    text = _(
        ", and %(percent)s %% of them missed question %(number)s of ‘%(quiz)s’ on the first try "
        "(“%(question)s”); of the others %(others)s %%"
    )
    if 2 * miss.replayed[0] > miss.replayed[1]:
        text = _(
            ", and most of them (%(percent)s %%) missed question %(number)s of ‘%(quiz)s’ on the "
            "first try (“%(question)s”); of the others %(others)s %%"
        )
    return text % _words(miss, number, question)


def _hotspot(miss: Miss, number: int, question: Question) -> Hotspot:
    text = _(
        "%(percent)s %% of them missed question %(number)s (“%(question)s”); "
        "of the others %(others)s %%."
    )
    return Hotspot(text % _words(miss, number, question), None)


def _words(miss: Miss, number: int, question: Question) -> dict[str, object]:
    return {
        "percent": share(*miss.replayed),
        "number": number,
        "quiz": question.content.title,
        "question": Truncator(question.text).chars(80),
        "others": share(*miss.others),
    }
