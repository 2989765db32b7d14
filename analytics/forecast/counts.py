"""How many learners are expected to be late, and between which numbers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

NORMAL_80 = 1.2816


@dataclass(frozen=True, slots=True)
class Chances:
    """The chances of some learners to be late: how many they are, the sum of the chances, and of
    their variances. Earlier ones of this kind were wrong by `bias` on average, of which `outcomes`
    enrolments with the share `seen` of late ones are known."""

    learners: int
    total: float
    variance: float
    bias: float
    seen: float
    outcomes: int


@dataclass(frozen=True, slots=True)
class ExpectedCount:
    """A number, and those between which it is in 80 of 100 cases."""

    middle: int
    low: int
    high: int


def expected(certain: int, groups: Iterable[Chances]) -> ExpectedCount:
    """The number of late ones: `certain` and those that are expected among the others.

    Each learner's chance is taken for independent of the others' within a group; how far a whole
    group was off in the past, and how little is known of that, makes the numbers wider.
    """
    learners, total, variance = 0, 0.0, 0.0
    for group in groups:
        learners += group.learners
        total += group.total
        off = group.bias**2 + group.seen * (1 - group.seen) / max(group.outcomes, 1)
        variance += group.variance + (group.learners * sqrt(off)) ** 2
    reach = NORMAL_80 * sqrt(variance)
    return ExpectedCount(
        certain + round(total),
        certain + max(int(total - reach), 0),
        certain + min(round(total + reach + 0.5), learners),
    )
