"""A model's contributions, adapted to another organisation: a weight for each reason, and the
log-odds by which its learners fail more or less often.

Weights are never negative, so that more silence never lowers a risk, whatever was learned: where
learners behave the other way round, the ranking becomes useless instead, and isn't shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import features
from .history import Floats
from .reasons import OF_REASON

NAMES = tuple(OF_REASON)  # those never shown included
SEASONS = 4  # quarters of the year in which an enrolment began
_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}
REASON_OF = np.zeros(len(_COLUMNS), dtype=int)  # by column, its number in `NAMES`
for _number, _features in enumerate(OF_REASON.values()):
    REASON_OF[[_COLUMNS[name] for name in _features]] = _number


@dataclass(frozen=True)
class Adaptation:
    """`weights` [reasons of `NAMES`] multiply contributions; `shift` and, for enrolments that began
    in a season (0 to 3), `by_season` [4] are added to the log-odds."""

    weights: Floats
    shift: float
    by_season: Floats

    def contributions(self, contributions: Floats, season: np.ndarray) -> Floats:
        """[N, F + 1] the adapted contributions, from those of the base model."""
        adapted = contributions.copy()
        adapted[:, :-1] *= self.weights[REASON_OF]
        adapted[:, -1] += self.shift + self.by_season[season]
        return adapted

    def log_odds(self, gathered: Floats, season: np.ndarray) -> Floats:
        """[N] from contributions by reason (`gather`)."""
        odds = gathered[:, :-1] @ self.weights + gathered[:, -1]
        return odds + self.shift + self.by_season[season]

    def document(self) -> dict:
        return {
            "weights": dict(zip(NAMES, map(float, self.weights), strict=True)),
            "shift": self.shift,
            "by_season": [float(each) for each in self.by_season],
        }


UNCHANGED = Adaptation(np.ones(len(NAMES)), 0.0, np.zeros(SEASONS))


def gather(contributions: Floats) -> Floats:
    """[N, reasons of `NAMES` + 1] log-odds by reason, the mean in the last column."""
    gathered = np.zeros((len(contributions), len(NAMES) + 1))
    for column, reason in enumerate(REASON_OF):
        gathered[:, reason] += contributions[:, column]
    gathered[:, -1] = contributions[:, -1]
    return gathered


def season_of(started: Floats) -> np.ndarray:
    """[N] the quarter of the year, 0 to 3, of moments in epoch days."""
    days = np.floor(np.where(np.isnan(started), 0, started)).astype(np.int64)
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 // 3


def read_document(document: Mapping) -> Adaptation:
    """Raises KeyError, TypeError or ValueError for anything that `document` wouldn't write."""
    weights = np.array([document["weights"][name] for name in NAMES], dtype=float)
    by_season = np.array(document["by_season"], dtype=float)
    adaptation = Adaptation(weights, float(document["shift"]), by_season)
    if by_season.shape != (SEASONS,) or not np.isfinite([*weights, *by_season]).all():
        raise ValueError("an adaptation has four finite seasons and finite weights")
    if (weights < 0).any() or not np.isfinite(adaptation.shift):
        raise ValueError("weights are not negative, and the shift is finite")
    return adaptation
