"""The additive part of a stage: each feature's distance from its mean, times a slope.

With little training data it is less noisy than trees, and it ranks learners that no tree separates.
Distances are capped at `LIMIT` units: a new cohort may lie far outside the old ones.
"""

from dataclasses import dataclass

import numpy as np

from .history import Floats

LIMIT = 4.0  # units from the mean


@dataclass(frozen=True)
class Linear:
    """Parallel arrays, one entry for each feature that is used: its column, its mean and unit
    (standard deviation) in training, log-odds per unit, and log-odds where it is unknown."""

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


def from_json(entries: list, columns: dict[str, int]) -> Linear:
    """Raises KeyError, TypeError or ValueError for anything that `to_json` wouldn't write."""
    names = [name for name, *_ in entries]
    numbers = np.array([row for _, *row in entries], dtype=float).reshape(len(entries), 4)
    if len(set(names)) < len(names) or not (numbers[:, 1] > 0).all():
        raise ValueError("linear: each feature once, its unit above 0")
    return Linear(np.array([columns[name] for name in names], dtype=int), *numbers.T)
