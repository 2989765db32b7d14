"""When, how long and in which rhythm people learn, and what goes with completing. Values only.

Habits are measured over the fourteen days from a learner's first active day, the same length for
all. Enrolments that began less than four weeks ago are left out: their outcome isn't known yet.
Each group is compared with all others by the difference of the two shares, at a significance level
divided by the number of comparisons of a question (Bonferroni). None of this shows a cause: people
with more time also learn more often.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.facts.rollups.habits import (
    DAYS_OF_WEEK,
    LENGTHS,
    PARTS_OF_DAY,
    RHYTHMS,
    Groups,
)
from analytics.query.intervals import LEVEL, Interval, newcombe, wilson
from analytics.query.minimum_sample import is_enough

KNOWN_AFTER_DAYS = 28

# The groups of an enrolment, and whether it reached the outcome.
Reached = tuple[Groups, bool]


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


# The groups of each question, in the order shown.
QUESTIONS: dict[str, Sequence[str]] = dict(
    zip(Groups._fields, (PARTS_OF_DAY, DAYS_OF_WEEK, LENGTHS, RHYTHMS), strict=True)
)


def find_patterns(habits: Counter[Reached]) -> list[Pattern]:
    """Compares the groups of each question by outcome; `habits` counts enrolments."""
    reached = sum(count for (_groups, has_outcome), count in habits.items() if has_outcome)
    found = []
    for place, question in enumerate(QUESTIONS):
        counts: Counter = Counter()
        for (groups, has_outcome), count in habits.items():
            counts[groups[place], has_outcome] += count
        found.append(_pattern(question, counts, (reached, habits.total())))
    return found


def _pattern(question: str, counts: Counter, whole: tuple[int, int]) -> Pattern:
    counted = {
        key: (counts[key, True], counts[key, True] + counts[key, False])
        for key in QUESTIONS[question]
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
