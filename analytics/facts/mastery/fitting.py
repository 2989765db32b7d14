"""Fits and measures the model of answers on learners' own answers, without leaks. Pure.

Learners are divided into folds. Each answer is predicted before it is seen, by a model and with
difficulties that come from the other folds. What is fitted on learners uses difficulties without
their own answers, too: otherwise an answer would say how hard its own question is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from .states import FEATURES, SkillAnswer, difficulties, follow
from .trees import Floats, Trees, of_scikit_learn

FOLDS = 5
SEED = 11
SETTINGS = {
    "learning_rate": 0.1,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "early_stopping": False,
}
# Trees of a fit, by the number of rows: more of them would learn a few answers by heart.
ROWS_OF_A_TREE = 500
MIN_TREES, MAX_TREES = 30, 150
BINS = 10
NORMAL_95 = 1.96
NEAREST = 1e-6  # to 0 and 1, for logarithms
Learners = Sequence[Sequence[SkillAnswer]]


def divide(learners: Learners, folds: int = FOLDS) -> list[list[Sequence[SkillAnswer]]]:
    """The learners in so many parts of about the same size, at random; the same each time."""
    shuffled = list(learners)
    Random(SEED).shuffle(shuffled)
    return [shuffled[number::folds] for number in range(folds)]


def fit(parts: Sequence[Learners]) -> Trees:
    """Trees fitted on all learners of `parts`, at least two. The same learners give the same."""
    found = [
        follow(part, difficulties([answers for other in others for answers in other]))[:2]
        for number, part in enumerate(parts)
        for others in [[other for at, other in enumerate(parts) if at != number]]
    ]
    rows = np.array([row for part, _ in found for row in part], dtype=float)
    right = np.array([each for _, part in found for each in part], dtype=float)
    return _fitted(rows.reshape(-1, len(FEATURES)), right)


def _fitted(rows: Floats, right: Floats) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    # A share of points counts as partly right and partly wrong.
    outcome = np.repeat([1, 0], len(right))
    weight = np.concatenate([right, 1 - right])
    kept = weight > 0
    both = np.concatenate([rows, rows])[kept]
    # A column without any value can't be binned; a constant is never split on.
    both[:, np.isnan(both).all(axis=0)] = 0.0
    model = HistGradientBoostingClassifier(
        monotonic_cst=list(FEATURES.values()),
        random_state=SEED,
        max_iter=trees_of(len(right)),
        **SETTINGS,
    )
    # One thread: sums in the same order each time, and no competition for processors.
    with threadpool_limits(1):
        model.fit(both, outcome[kept], sample_weight=weight[kept])
    base = float(np.asarray(model._baseline_prediction).reshape(-1)[0])
    return of_scikit_learn(base, model._predictors)


def trees_of(rows: int) -> int:
    return min(max(rows // ROWS_OF_A_TREE, MIN_TREES), MAX_TREES)


@dataclass(frozen=True)
class Proof:
    """How the fitted model did on answers that nothing was learned from, and the rating in the
    skill beside it. `gain_low` is the lower bound of the 95 % interval of the mean gain in log-loss
    for an answer, over learners."""

    answers: int
    learners: int
    log_loss: float
    rating_log_loss: float
    gain_low: float
    calibration_error: float

    @property
    def is_better(self) -> bool:
        return self.gain_low > 0


def prove(learners: Learners, folds: int = FOLDS) -> Proof:
    """Of at least `folds` learners, at least three folds."""
    parts = divide(learners, folds)
    chance, rating, right, who = [], [], [], []
    for number, tested in enumerate(parts):
        others = [part for at, part in enumerate(parts) if at != number]
        known = difficulties([answers for part in others for answers in part])
        rows, truth, numbers = follow(tested, known)
        table = np.array(rows, dtype=float).reshape(-1, len(FEATURES))
        chance.append(fit(others).chance(table))
        rating.append(by_rating(table))
        right.append(np.array(truth, dtype=float))
        who.append(np.array(numbers, dtype=int) * folds + number)
    return _proof(*(np.concatenate(each) for each in (chance, rating, right, who)))


def by_rating(rows: Floats) -> Floats:
    """The chance by the rating in the skill alone, as without a fitted model."""
    names = list(FEATURES)
    return 1 / (1 + np.exp(rows[:, names.index("difficulty")] - rows[:, names.index("skill")]))


def _proof(chance: Floats, rating: Floats, right: Floats, who: np.ndarray) -> Proof:
    own, others = losses(chance, right), losses(rating, right)
    _, number = np.unique(who, return_inverse=True)
    count = np.bincount(number)
    gained = np.bincount(number, weights=others - own)
    mean = gained.sum() / count.sum()
    # Learners are independent, their answers aren't: the variance is that of a ratio over learners.
    spread = np.sqrt(((gained - mean * count) ** 2).sum()) / count.sum()
    return Proof(
        answers=len(right),
        learners=len(count),
        log_loss=float(own.mean()),
        rating_log_loss=float(others.mean()),
        gain_low=float(mean - NORMAL_95 * spread),
        calibration_error=calibration_error(chance, right),
    )


def losses(chance: Floats, right: Floats) -> Floats:
    near = np.clip(chance, NEAREST, 1 - NEAREST)
    return -right * np.log(near) - (1 - right) * np.log(1 - near)


def calibration_error(chance: Floats, right: Floats) -> float:
    """The mean distance of what was predicted from what was answered, over ten bins of the
    scale."""
    bins = np.minimum((chance * BINS).astype(int), BINS - 1)
    off = np.bincount(bins, weights=chance - right, minlength=BINS)
    return float(np.abs(off).sum() / len(right))
