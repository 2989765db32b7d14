"""Whether one set of predictions is better than another for the same learners: differences with
bootstrap intervals, drawn by learner, because a learner may be in several presentations."""

from dataclasses import dataclass

import numpy as np

from analytics.facts.risk.signs import measures
from analytics.facts.risk.signs.history import Floats

SEED = 20_140_201
DRAWS = 1_000


@dataclass(frozen=True)
class Difference:
    """The first's measure less the second's, with the bounds of the 95 % interval."""

    value: float
    low: float
    high: float


def auc_difference(
    outcome: Floats, first: Floats, second: Floats, learner: np.ndarray, draws: int = DRAWS
) -> Difference:
    """NaN without both outcomes. The same arguments give the same interval."""

    def difference(rows: np.ndarray) -> float:
        of = outcome[rows]
        return measures.auc(of, first[rows]) - measures.auc(of, second[rows])

    value = difference(np.arange(len(outcome)))
    if np.isnan(value):
        return Difference(value, value, value)
    found = [difference(rows) for rows in _draws(learner, draws)]
    low, high = np.nanquantile(found, [0.025, 0.975])
    return Difference(value, float(low), float(high))


def _draws(learner: np.ndarray, draws: int):
    """Rows of as many learners, drawn with replacement, with all rows of each."""
    chance = np.random.default_rng(SEED)
    _, number = np.unique(learner, return_inverse=True)
    order = np.argsort(number, kind="stable")
    count = np.bincount(number)
    first = np.cumsum(count) - count
    for _ in range(draws):
        drawn = chance.integers(0, len(count), size=len(count))
        lengths = count[drawn]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        yield order[np.repeat(first[drawn], lengths) + within]
