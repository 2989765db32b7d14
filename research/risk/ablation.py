"""Whether the reasons shown for a score are what moves it: compared with taking each one away.

A reason is taken away by giving a learner its features of other learners of the same cohort, drawn
at random, and averaging: what the log-odds change by is what the reason was worth. The product
computes its shares from paths through trees instead, which is exact and fast, but not the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analytics.facts.risk.signs import features, reasons
from analytics.facts.risk.signs.history import Floats
from analytics.facts.risk.signs.model import Predictor, has_activity

from .evaluation import chosen_rows
from .oulad import Presentation

SEED = 5
LEARNERS = 200  # of each presentation
DRAWS = 20  # of other learners, for each reason
_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}


@dataclass(frozen=True)
class Agreement:
    """`correlation` of the shares of all reasons and learners; `largest` is the share of learners
    whose largest raising reason is the same, among those who have one by both."""

    day: float
    learners: int
    correlation: float
    largest: float


def compare(model: Predictor, presentations: Iterable[Presentation], day: float) -> Agreement:
    """Deterministic. NaN without learners."""
    shown, ablated = [], []
    for each in presentations:
        parts = _worths(model, each, day)
        shown.append(parts[0])
        ablated.append(parts[1])
    nothing = np.zeros((0, len(reasons.NAMES)))
    return agreement(day, np.concatenate([*shown, nothing]), np.concatenate([*ablated, nothing]))


def agreement(day: float, shown: Floats, ablated: Floats) -> Agreement:
    """Of log-odds by reason [N, R], as shown and as found by ablation."""
    if not len(shown):
        return Agreement(day, 0, float("nan"), float("nan"))
    one, other = _shares(shown).ravel(), _shares(ablated).ravel()
    raises = (shown > 0).any(axis=1) & (ablated > 0).any(axis=1)
    same = shown[raises].argmax(axis=1) == ablated[raises].argmax(axis=1)
    varies = min(one.std(), other.std()) > 0
    return Agreement(
        day=day,
        learners=len(shown),
        correlation=float(np.corrcoef(one, other)[0, 1]) if varies else float("nan"),
        largest=float(same.mean()) if raises.any() else float("nan"),
    )


def _shares(worth: Floats) -> Floats:
    """With their sign: what raises a risk is positive."""
    whole = np.abs(worth).sum(axis=1, keepdims=True)
    return np.divide(worth, whole, out=np.zeros_like(worth), where=whole > 0)


def _worths(model: Predictor, each: Presentation, day: float) -> tuple[Floats, Floats]:
    """[n, R] log-odds by reason of some learners who are counted, as shown and by ablation."""
    cohort, days = each.cohort, np.full(len(each.cohort), float(day))
    chosen = np.flatnonzero(chosen_rows(each, day))
    rows = features.compute(cohort, days, with_activity=True)[chosen]
    share = (days / cohort.length)[chosen]
    is_active = has_activity(cohort, days)[chosen]
    chance = np.random.default_rng(SEED)
    if len(chosen) > LEARNERS:
        some = np.sort(chance.choice(len(chosen), LEARNERS, replace=False))
    else:
        some = np.arange(len(chosen))

    def contributions(changed: Floats) -> Floats:
        return model.contributions(changed, share[some], is_active[some])

    own = contributions(rows[some])
    total = own.sum(axis=1)
    worth = np.zeros((len(some), len(reasons.NAMES)))
    for _ in range(DRAWS if len(some) else 0):
        # Learners whose activity was recorded are replaced by such, the others by others.
        other = _others(chance, is_active, some)
        for column, name in enumerate(reasons.NAMES):
            group = [_COLUMNS[feature] for feature in reasons.OF_REASON[name]]
            changed = rows[some].copy()
            changed[:, group] = rows[other][:, group]
            worth[:, column] += (total - contributions(changed).sum(axis=1)) / DRAWS
    return reasons.gather(own), worth


def _others(chance: np.random.Generator, is_active: np.ndarray, some: np.ndarray) -> np.ndarray:
    """For each of `some`, a learner drawn from those whose activity is as well known."""
    found = np.zeros(len(some), dtype=int)
    for known in (True, False):
        mine = is_active[some] == known
        pool = np.flatnonzero(is_active == known)
        if mine.any():
            found[mine] = chance.choice(pool, mine.sum())
    return found
