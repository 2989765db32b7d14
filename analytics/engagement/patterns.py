"""When, how long and in which rhythm people learn, and what goes with completing. Values only.

What somebody does is measured over the fourteen days from their first active day, the same stretch
for everybody; who began less than four weeks ago is left out, since their outcome isn't known. Each
group is compared with everybody else by the difference of the two shares, at a level that is
shared out among the comparisons of one question (Bonferroni). Nothing here says that one brings
about the other: who has more time learns more often, too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analytics.query.intervals import LEVEL, Interval, newcombe, wilson
from analytics.query.minimum_sample import is_enough

HABIT_DAYS = 14
KNOWN_AFTER_DAYS = 28


@dataclass(frozen=True, slots=True)
class Habit:
    """Of an enrolment's first fourteen days; `parts_ms` is night, morning, afternoon, evening."""

    parts_ms: tuple[int, int, int, int]
    weekend_ms: int
    days: int
    has_outcome: bool

    @property
    def active_ms(self) -> int:
        return sum(self.parts_ms)

    @property
    def ms_a_day(self) -> float:
        return self.active_ms / self.days


@dataclass(frozen=True, slots=True)
class Group:
    """Those who do alike. `share` is that of the outcome; `others` of everybody else.

    `differs` says whether chance would hardly explain the difference from the others.
    """

    key: str
    learners: int
    reached: int
    interval: Interval
    others: float
    difference: Interval
    differs: bool

    @property
    def share(self) -> float:
        return self.reached / self.learners


@dataclass(frozen=True, slots=True)
class Answer:
    """To one question: the groups of five people or more, and how many are in smaller ones."""

    question: str
    groups: list[Group]
    hidden: int


def _part_of_day(habit: Habit) -> str:
    most = max(habit.parts_ms)
    return ("night", "morning", "afternoon", "evening")[habit.parts_ms.index(most)]


def _days_of_week(habit: Habit) -> str:
    share = habit.weekend_ms / habit.active_ms
    return "weekend" if share >= 0.5 else "both" if share > 0.1 else "weekdays"


def _length(habit: Habit) -> str:
    minutes = habit.ms_a_day / 60_000
    bounds = ((15, "under_15"), (30, "15_to_30"), (60, "30_to_60"))
    return next((key for most, key in bounds if minutes < most), "over_60")


def _rhythm(habit: Habit) -> str:
    bounds = ((1, "one_day"), (3, "two_or_three"), (6, "four_to_six"))
    return next((key for most, key in bounds if habit.days <= most), "seven_and_more")


# Each question, how a habit answers it, and the answers in the order to be read.
QUESTIONS: dict[str, tuple[Callable[[Habit], str], Sequence[str]]] = {
    "part_of_day": (_part_of_day, ("morning", "afternoon", "evening", "night")),
    "days_of_week": (_days_of_week, ("weekdays", "both", "weekend")),
    "length": (_length, ("under_15", "15_to_30", "30_to_60", "over_60")),
    "rhythm": (_rhythm, ("one_day", "two_or_three", "four_to_six", "seven_and_more")),
}


def answers(habits: Iterable[Habit]) -> list[Answer]:
    """What goes with the outcome, question by question; without active time nobody has habits."""
    known = [habit for habit in habits if habit.days and any(habit.parts_ms)]
    whole = (sum(habit.has_outcome for habit in known), len(known))
    return [
        _answer(question, Counter((told(habit), habit.has_outcome) for habit in known), whole)
        for question, (told, _keys) in QUESTIONS.items()
    ]


def _answer(question: str, told: Counter, whole: tuple[int, int]) -> Answer:
    counted = {
        key: (told[key, True], told[key, True] + told[key, False]) for key in QUESTIONS[question][1]
    }
    found = [(key, count) for key, count in counted.items() if count[1]]
    shown = [(key, count) for key, count in found if is_enough(count[1])]
    groups = [_group(key, count, whole, len(shown)) for key, count in shown]
    kept_back = sum(count[1] for _key, count in found if not is_enough(count[1]))
    return Answer(question, [group for group in groups if group], kept_back)


def _group(key: str, count: tuple[int, int], whole: tuple[int, int], compared: int) -> Group | None:
    """None when fewer than five others are left to compare with."""
    reached, learners = count
    others = (whole[0] - reached, whole[1] - learners)
    if not is_enough(others[1]):
        return None
    level = 1 - (1 - LEVEL) / compared
    difference = newcombe(count, others, level=level)
    return Group(
        key,
        learners,
        reached,
        wilson(*count),
        others[0] / others[1],
        difference,
        difference.excludes_zero,
    )
