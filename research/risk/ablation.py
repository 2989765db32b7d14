"""Whether the reasons shown for a score are what moves it: compared with taking each one away.

A reason is taken away by giving a learner its features of other learners of the same cohort, drawn
at random, and averaging: what the log-odds change by is what the reason was worth. It is done with
the model alone, by replacing features, and with learners that the product wasn't given.

Of each cohort, some learners are explained. Of the others, one half, drawn at random, are those
that the product compares with, and the other half those that features are drawn from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analytics.facts.risk import explaining
from analytics.facts.risk.explaining import MAX_OTHERS
from analytics.facts.risk.signs import adaptation, attribution, features, reasons
from analytics.facts.risk.signs.attribution import Groups
from analytics.facts.risk.signs.history import Floats
from analytics.facts.risk.signs.model import Predictor, has_activity
from analytics.facts.risk.signs.view import COMPARABLE

from .evaluation import chosen_rows
from .oulad import Presentation

SEED = 5
LEARNERS = 200  # of each presentation, a third of them at most
DRAWS = 50  # of other learners, for each learner
_COLUMNS = {each.name: column for column, each in enumerate(features.FEATURES)}


@dataclass(frozen=True)
class Agreement:
    """`correlation` of the shares of all reasons and learners; `largest` is the share of learners
    whose largest raising reason is the same, among those who have one by both."""

    day: float
    learners: int
    correlation: float
    largest: float


@dataclass(frozen=True)
class Worths:
    """[n, R] log-odds by reason: as shown, by paths through the model, and by ablation."""

    shown: Floats
    by_path: Floats
    ablated: Floats


def compare(
    model: Predictor, presentations: Iterable[Presentation], day: float
) -> tuple[Agreement, Agreement]:
    """How well reasons as shown agree with ablation, and those by paths through the model, which
    are shown where learners can't be compared. Deterministic; NaN without learners."""
    parts = [each for p in presentations for each in worths(model, p, day)]
    shown, by_path, ablated = (
        np.concatenate(
            [*(getattr(part, name) for part in parts), np.zeros((0, len(reasons.NAMES)))]
        )
        for name in ("shown", "by_path", "ablated")
    )
    return agreement(day, shown, ablated), agreement(day, by_path, ablated)


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


def worths(model: Predictor, each: Presentation, day: float) -> Iterable[Worths]:
    """Of some learners who are counted: those whose activity was recorded are compared with such,
    the others with others."""
    cohort, days = each.cohort, np.full(len(each.cohort), float(day))
    counted = chosen_rows(each, day)
    rows = features.compute(cohort, days, with_activity=True)
    share, is_active = days / cohort.length, has_activity(cohort, days)
    chance = np.random.default_rng(SEED)
    for known in (True, False):
        pool = chance.permutation(np.flatnonzero(counted & (is_active == known)))
        number = min(LEARNERS, len(pool) // 3)
        some, rest = pool[:number], pool[number:]
        products, ours = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        if min(len(products), len(ours)) >= COMPARABLE:
            active = np.full(number, known)
            one = _Explained(model, rows[some], share[some], active)
            by_path = reasons.gather(one.contributions(rows[some]))
            compared = one.compared(rows[products[:MAX_OTHERS]])
            shown = [explaining.chosen(*both)[0] for both in zip(compared, by_path, strict=True)]
            yield Worths(np.array(shown), by_path, one.ablated(rows[ours], chance))


@dataclass(frozen=True)
class _Explained:
    model: Predictor
    rows: Floats
    share: Floats
    is_active: np.ndarray

    def contributions(self, rows: Floats) -> Floats:
        """Of the same learners with other features; `rows` may have them several times over."""
        times = len(rows) // len(self.rows)
        return self.model.contributions(
            rows, np.tile(self.share, times), np.tile(self.is_active, times)
        )

    def compared(self, others: Floats) -> Floats:
        count = len(self.rows)
        groups = Groups(
            np.zeros(count, dtype=int),
            others,
            np.zeros(len(others), dtype=int),
            adaptation.UNCHANGED.weights[None],
        )
        return attribution.worths(self.model, self.rows, self.share, self.is_active, groups)

    def ablated(self, others: Floats, chance: np.random.Generator) -> Floats:
        count = len(self.rows)
        total = self.contributions(self.rows).sum(axis=1)
        drawn = others[chance.integers(0, len(others), size=DRAWS * count)]
        worth = np.zeros((count, len(reasons.NAMES)))
        for column, name in enumerate(reasons.NAMES):
            group = [_COLUMNS[feature] for feature in reasons.OF_REASON[name]]
            changed = np.tile(self.rows, (DRAWS, 1))
            changed[:, group] = drawn[:, group]
            without = self.contributions(changed).sum(axis=1).reshape(DRAWS, count)
            worth[:, column] = total - without.mean(axis=0)
        return worth
