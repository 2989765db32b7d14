"""Shares with confidence intervals. Pure.

A share's interval is Wilson's score interval (E. B. Wilson, 1927); that of a difference between two
independent shares is Newcombe's hybrid of two such intervals (R. G. Newcombe, 1998, Statistics in
Medicine 17:873-890, method 10); that of a difference between the two shares of the same pairs takes
their correlation into account as well (the same, 17:2635-2650, method 10).
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


def newcombe_paired(
    both: int, first: int, second: int, neither: int, *, level: float = LEVEL
) -> Interval:
    """The interval for the difference of the two shares of the same pairs, the first minus the
    second; given are the numbers of pairs (not 0) in which both, one or neither was positive."""
    pairs = both + first + second + neither
    a, b = (both + first) / pairs, (both + second) / pairs
    one = wilson(both + first, pairs, level=level)
    other = wilson(both + second, pairs, level=level)
    phi = _correlation(both, first, second, neither)

    def reach(x: float, y: float) -> float:
        return sqrt(max(x * x - 2 * phi * x * y + y * y, 0.0))

    return Interval(
        a - b - reach(a - one.low, other.high - b), a - b + reach(one.high - a, b - other.low)
    )


def _correlation(both: int, first: int, second: int, neither: int) -> float:
    """Phi of the four counts. A positive one is corrected for continuity, which makes the interval
    wider; where a share is 0 or 1 there is none."""
    square = (both + first) * (second + neither) * (both + second) * (first + neither)
    if not square:
        return 0.0
    excess = both * neither - first * second
    correction = min(max(excess, 0), (both + first + second + neither) / 2)
    return (excess - correction) / sqrt(square)
