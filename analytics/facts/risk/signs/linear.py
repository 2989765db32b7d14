"""The part of a stage that adds up: each feature against its mean, times a slope.

Where little was learned from, it is calmer than trees, and it ranks those between whom no tree
splits. What is unusual counts up to `LIMIT` units only: a new cohort may lie far outside the old.
"""

from dataclasses import dataclass

import numpy as np

from .history import Floats

LIMIT = 4.0  # units from the mean


@dataclass(frozen=True)
class Linear:
    """Parallel arrays, one entry for each feature with something to say: its column, its mean and
    unit (standard deviation) when learned, log-odds by unit, and log-odds where it is unknown."""

    feature: np.ndarray
    mean: Floats
    unit: Floats
    slope: Floats
    unknown: Floats

    def add_contributions(self, rows: Floats, into: Floats) -> None:
        """Add each feature's contribution to `into` [N, F + 1]."""
        known = rows[:, self.feature]
        away = np.clip((known - self.mean) / self.unit, -LIMIT, LIMIT)
        into[:, self.feature] += np.where(np.isnan(known), self.unknown, away * self.slope)


def to_json(linear: Linear, features: tuple[str, ...]) -> list:
    """`[feature, mean, unit, slope, unknown]` of each."""
    columns = (linear.mean, linear.unit, linear.slope, linear.unknown)
    return [
        [features[at], *map(float, numbers)]
        for at, *numbers in zip(linear.feature, *columns, strict=True)
    ]


def from_json(entries: list, places: dict[str, int]) -> Linear:
    """Raises KeyError, TypeError or ValueError for anything that `to_json` wouldn't have made."""
    names = [name for name, *_ in entries]
    numbers = np.array([row for _, *row in entries], dtype=float).reshape(len(entries), 4)
    if len(set(names)) < len(names) or not (numbers[:, 1] > 0).all():
        raise ValueError("linear: each feature once, its unit above 0")
    return Linear(np.array([places[name] for name in names], dtype=int), *numbers.T)
