"""When, how long and in which rhythm people learn, and what goes with completing. Values only.

Habits are measured over the fourteen days from a learner's first active day, the same length for
all. Enrolments that began less than four weeks ago are left out: their outcome isn't known yet.
Each group is compared with all others by the difference of the two shares, at a significance level
divided by the number of comparisons of a question (Bonferroni). None of this shows a cause: people
with more time also learn more often.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analytics.query.intervals import LEVEL, Interval, newcombe, wilson
from analytics.query.minimum_sample import is_enough

HABIT_DAYS = 14
KNOWN_AFTER_DAYS = 28


@dataclass(frozen=True, slots=True)
class Habit:
    """An enrolment's first fourteen days; `parts_ms` is night, morning, afternoon, evening."""

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
    """Learners with the same habit: the share who reached the outcome, and the `others`' share.

    `differs` is true where chance is an unlikely explanation of the difference.
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
class Pattern:
    """Groups of five learners or more, of one question; `hidden` learners are in smaller ones."""

    question: str
    groups: list[Group]
    hidden: int


def _part_of_day(habit: Habit) -> str:
    longest = max(habit.parts_ms)
    return ("night", "morning", "afternoon", "evening")[habit.parts_ms.index(longest)]


def _days_of_week(habit: Habit) -> str:
    share = habit.weekend_ms / habit.active_ms
    return "weekend" if share >= 0.5 else "both" if share > 0.1 else "weekdays"


_LENGTHS = ("under_15", "15_to_30", "30_to_60", "over_60")
_LENGTH_BOUNDS = (15 * 60_000, 30 * 60_000, 60 * 60_000)
_RHYTHMS = ("one_day", "two_or_three", "four_to_six", "seven_and_more")
_RHYTHM_BOUNDS = (1, 3, 6)


def _length(habit: Habit) -> str:
    return _LENGTHS[bisect_right(_LENGTH_BOUNDS, habit.ms_a_day)]


def _rhythm(habit: Habit) -> str:
    return _RHYTHMS[bisect_left(_RHYTHM_BOUNDS, habit.days)]


# By question: the function that finds a habit's group, and the groups in the order shown.
QUESTIONS: dict[str, tuple[Callable[[Habit], str], Sequence[str]]] = {
    "part_of_day": (_part_of_day, ("morning", "afternoon", "evening", "night")),
    "days_of_week": (_days_of_week, ("weekdays", "both", "weekend")),
    "length": (_length, _LENGTHS),
    "rhythm": (_rhythm, _RHYTHMS),
}


def find_patterns(habits: Iterable[Habit]) -> list[Pattern]:
    """Compares the groups of each question by outcome; habits without active time are left out."""
    with_activity = [habit for habit in habits if habit.days and any(habit.parts_ms)]
    whole = (sum(habit.has_outcome for habit in with_activity), len(with_activity))
    return [
        _pattern(
            question,
            Counter((group_of(habit), habit.has_outcome) for habit in with_activity),
            whole,
        )
        for question, (group_of, _keys) in QUESTIONS.items()
    ]


def _pattern(question: str, counts: Counter, whole: tuple[int, int]) -> Pattern:
    counted = {
        key: (counts[key, True], counts[key, True] + counts[key, False])
        for key in QUESTIONS[question][1]
    }
    found = [(key, count) for key, count in counted.items() if count[1]]
    shown = [(key, count) for key, count in found if is_enough(count[1])]
    groups = [_group(key, count, whole, len(shown)) for key, count in shown]
    hidden = sum(count[1] for _key, count in found if not is_enough(count[1]))
    return Pattern(question, [group for group in groups if group], hidden)


def _group(key: str, count: tuple[int, int], whole: tuple[int, int], compared: int) -> Group | None:
    """Returns None if there are fewer than five others to compare with."""
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
