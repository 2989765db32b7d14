"""Shares with confidence intervals. Pure.

A share's interval is Wilson's score interval (E. B. Wilson, 1927); that of a difference between two
independent shares is Newcombe's hybrid of two such intervals (R. G. Newcombe, 1998, method 10).
"""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

LEVEL = 0.95


class Interval(NamedTuple):
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def wilson(part: int, whole: int, *, level: float = LEVEL) -> Interval:
    """The interval for a share of `part` in `whole` (not 0), which contains the true share with
    probability `level`."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, square = part / whole, z * z / whole
    middle = (share + square / 2) / (1 + square)
    reach = z * sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square)
    return Interval(max(middle - reach, 0.0), min(middle + reach, 1.0))


def newcombe(one: tuple[int, int], other: tuple[int, int], *, level: float = LEVEL) -> Interval:
    """The interval for the difference of two shares, each given as (part, whole): the first
    minus the other."""
    (p, n), (q, m) = one, other
    first, second = wilson(p, n, level=level), wilson(q, m, level=level)
    a, b = p / n, q / m
    below = sqrt((a - first.low) ** 2 + (second.high - b) ** 2)
    above = sqrt((first.high - a) ** 2 + (b - second.low) ** 2)
    return Interval(a - b - below, a - b + above)
