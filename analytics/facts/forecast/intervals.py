"""Intervals of a forecast, and how wide they have to be. Pure.

A forecast is kept as the days at `QUANTILES` levels, infinite where it is later than the horizon or
never. An interval of level `l` has the probability `l`: in the middle if completion is likely
enough, otherwise it has no end. What level it takes for 80 of 100 outcomes to be inside is learned
from past forecasts, as in split conformal prediction (V. Vovk, A. Gammerman, G. Shafer, 2005).
"""

import numpy as np

from .coursework import Floats
from .futures import QUANTILES

COVERAGE = 0.8  # of the outcomes are to be inside
# Below this chance to be completed by the horizon no day is named.
MIN_CHANCE = 0.2
GRID = np.round(np.arange(0.10, 0.981, 0.01), 2)  # levels that an interval may have


def chance(quantiles: Floats) -> Floats:
    """[M] the chance to be completed by the horizon, of `quantiles` [M, QUANTILES]."""
    return np.isfinite(quantiles).mean(axis=1)


def names_days(quantiles: Floats) -> np.ndarray:
    """[M] whether a day can be named at all."""
    return chance(quantiles) > MIN_CHANCE


def interval(quantiles: Floats, level: float) -> tuple[Floats, Floats]:
    """[M] first and last day; infinite where there is no last one."""
    finite = chance(quantiles)
    upper = np.where(finite >= level, np.minimum((1 + level) / 2, finite), 1.0)
    lower = upper - level
    first, last = _at(quantiles, lower), _at(quantiles, upper)
    return first, np.where(finite >= level, last, np.inf)


def _at(quantiles: Floats, level: Floats) -> Floats:
    """[M] the kept day nearest to a level; the last of them where it has none."""
    last = np.maximum(np.isfinite(quantiles).sum(axis=1) - 1, 0)
    at = np.clip(np.rint(level * QUANTILES - 0.5), 0, last).astype(int)
    return np.take_along_axis(quantiles, at[:, None], axis=1)[:, 0]


def is_inside(quantiles: Floats, outcome: Floats, level: float) -> np.ndarray:
    """[M] whether the outcome (a day, infinite if it wasn't completed by the horizon) is inside."""
    first, last = interval(quantiles, level)
    return (first <= outcome) & (outcome <= last)


def inside_by_level(quantiles: Floats, outcome: Floats) -> np.ndarray:
    """[M, levels] whether the outcome is inside the interval of each level of `GRID`."""
    return np.stack([is_inside(quantiles, outcome, float(level)) for level in GRID], axis=1)


def calibrated_level(inside: np.ndarray) -> float:
    """The lowest level at which `COVERAGE` of these outcomes are inside, one more counted outside
    for the new one; the highest if none is enough."""
    enough = inside.sum(axis=0) >= COVERAGE * (len(inside) + 1)
    return float(GRID[enough.argmax()] if enough.any() else GRID[-1])
