"""One stage of the model, fitted: trees by scikit-learn, the linear part by scipy.

Both respect the features' directions. A stage's log-odds are half of each: trees find interactions,
the linear part generalises more smoothly, and the mean of the two ranks a new cohort better than
either alone and is better calibrated.
"""

import math

import numpy as np

from .signs import features
from .signs.feature import Feature
from .signs.forest import LEAF, Stage, Tree
from .signs.history import Floats
from .signs.linear import LIMIT, Linear

HUGE = 1e9  # stands for infinity, which JSON doesn't have: splits known from unknown
DIGITS = 4  # significant digits in the file: more would change no score visibly
SETTINGS = {
    "learning_rate": 0.1,
    "max_iter": 60,
    "max_leaf_nodes": 8,
    "max_depth": 5,
    "min_samples_leaf": 100,
    "l2_regularization": 10.0,
    "max_features": 0.3,
    "early_stopping": False,
}
SEEDS = (7, 8)  # two random forests, averaged: less noisy than either
HALF = 0.5
RIDGE = 30.0  # pull of slopes towards 0, in log-likelihood
# Risk isn't linear in the dates of a course's tasks, and every course has other dates: the trees
# use these features, the linear part doesn't.
CALENDAR = {"due_count", "days_since_due", "days_to_next"}
CONSTANT = 1e-9  # a deviation that is rounding only
MIN_SLOPE = 0.002  # log-odds by unit; less changes no score visibly


def stage(share: float, rows: Floats, outcome: Floats, *, with_activity: bool) -> Stage:
    """Fit a stage to rows [N, F]. The same rows give the same stage."""
    from threadpoolctl import threadpool_limits

    chosen = [each for each in features.FEATURES if with_activity or not each.needs_activity]
    # One thread: sums in the same order each time, and no competition for processors.
    with threadpool_limits(1):
        base, trees = _trees(rows, outcome, chosen)
        offset, linear = _linear(rows, outcome, chosen)
    return Stage(share, _round(HALF * (base + offset)), linear, trees)


def _trees(rows: Floats, outcome: Floats, chosen: list[Feature]) -> tuple[float, tuple[Tree, ...]]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # A column without any value can't be binned; a constant is never split on.
    empty = np.isnan(rows).all(axis=0)
    trees = []
    for seed in SEEDS:
        model = HistGradientBoostingClassifier(
            monotonic_cst=[each.direction for each in chosen], random_state=seed, **SETTINGS
        )
        model.fit(np.where(empty, 0.0, rows), outcome)
        trees += [_tree(predictor.nodes) for (predictor,) in model._predictors]
    # Boosting starts at the log-odds of the whole, whatever the seed.
    return float(np.asarray(model._baseline_prediction).reshape(-1)[0]), tuple(trees)


def _linear(rows: Floats, outcome: Floats, chosen: list[Feature]) -> tuple[float, Linear]:
    """The log-odds of an average learner, and the linear half of the stage."""
    known = ~np.isnan(rows)
    count = known.sum(axis=0)
    mean = np.where(known, rows, 0).sum(axis=0) / np.maximum(count, 1)
    unit = np.sqrt((np.where(known, rows - mean, 0) ** 2).sum(axis=0) / np.maximum(count, 1))
    used = [
        at for at, each in enumerate(chosen) if each.name not in CALENDAR and unit[at] > CONSTANT
    ]
    unit = unit[used]
    away = np.clip((rows[:, used] - mean[used]) / unit, -LIMIT, LIMIT)
    away = np.concatenate([np.nan_to_num(away), ~known[:, used]], axis=1)
    base, slopes = _ridge(away, outcome, [chosen[at].direction for at in used])
    slope, unknown = HALF * slopes[: len(used)], HALF * slopes[len(used) :]
    kept = (np.abs(slope) >= MIN_SLOPE) | (np.abs(unknown) >= MIN_SLOPE)
    return base, Linear(
        np.array(used, dtype=int)[kept],
        *(
            np.array([_round(value) for value in values[kept]])
            for values in (mean[used], unit, slope, unknown)
        ),
    )


def _ridge(away: Floats, outcome: Floats, directions: list[int]) -> tuple[float, Floats]:
    """Logistic regression under the directions of the first columns: intercept and slopes."""
    from scipy.optimize import minimize
    from scipy.special import expit

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = weights[0] + away @ weights[1:]
        wrong = expit(odds) - outcome
        pull = np.append(0.0, RIDGE * weights[1:])
        value = (np.logaddexp(0, odds) - outcome * odds).sum() + pull @ weights / 2
        return value, np.append(wrong.sum(), away.T @ wrong) + pull

    free = (None, None)
    bounds = [{1: (0, None), -1: (None, 0)}.get(direction, free) for direction in directions]
    bounds = [free, *bounds, *[free] * (away.shape[1] - len(directions))]
    start = np.zeros(away.shape[1] + 1)
    found = minimize(
        loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 300}
    )
    return float(found.x[0]), found.x[1:]


def _tree(nodes: np.ndarray) -> Tree:
    is_leaf = nodes["is_leaf"].astype(bool)
    left, right = nodes["left"].astype(int), nodes["right"].astype(int)
    # Leaves are rounded first, so that the stored means are the means of the stored leaves.
    value = np.array([_round(HALF * v / len(SEEDS)) for v in nodes["value"]])
    for node in range(len(nodes) - 1, -1, -1):  # children come after their parents
        if not is_leaf[node]:
            a, b = left[node], right[node]
            counts = nodes["count"][a].astype(float), nodes["count"][b].astype(float)
            value[node] = _round((value[a] * counts[0] + value[b] * counts[1]) / sum(counts))
    return Tree(
        feature=np.where(is_leaf, LEAF, nodes["feature_idx"]).astype(int),
        threshold=np.array([_not_below(min(v, HUGE)) for v in nodes["num_threshold"]]),
        unknown_left=nodes["missing_go_to_left"].astype(bool),
        left=left,
        right=right,
        value=value,
    )


def _not_below(threshold: float) -> float:
    """Six digits, rounded up: a threshold is often exactly a learner's value, which goes left."""
    short = float(f"{threshold:.6g}")
    if short < threshold:
        short += 10.0 ** (math.floor(math.log10(abs(threshold))) - 5)
    return float(f"{short:.6g}")


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
