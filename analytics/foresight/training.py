"""Learning the model from passages whose outcome is known. scikit-learn is needed here only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .signs import features
from .signs.forest import LEAF, Forest, Stage, Tree
from .signs.history import Checkpoints, Cohort, Floats
from .signs.model import Predictor, has_activity

# Where the stages stand, as shares of the time from start to due, and between which shares each one
# learns. Early days change fast, so the stages stand closer there.
STAGES = {
    0.06: (0.02, 0.10),
    0.12: (0.06, 0.19),
    0.18: (0.12, 0.25),
    0.25: (0.19, 0.32),
    0.37: (0.30, 0.44),
    0.50: (0.43, 0.57),
    0.62: (0.55, 0.69),
    0.76: (0.69, 0.83),
    0.92: (0.83, 1.00),
}
STEP = 10.0  # days between the days that are learned from
HUGE = 1e9  # stands for infinity, which JSON has no word for: known against unknown
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
SEEDS = (7, 8)  # forests that differ by chance, averaged: calmer than either
LEAST_ROWS = 500  # of a stage; fewer, and the stage isn't made


class TooLittle(Exception):
    """There isn't enough to learn from; says what is missing."""


@dataclass(frozen=True)
class Sample:
    """A cohort, each learner's outcome (1 not completed, 0 completed, NaN not known), and the days
    to learn from: each entry holds a day for every learner, all of one moment."""

    cohort: Cohort
    outcome: Floats
    moments: Sequence[Floats]


def train(samples: Sequence[Sample], *, version: str, trained_on: dict) -> Predictor:
    """A model of these samples; without a forest of activity where too little was recorded.

    Raises TooLittle.
    """
    plain = learn(samples, with_activity=False)
    try:
        active = learn(samples, with_activity=True)
    except TooLittle:
        active = None
    return Predictor(version, trained_on, plain, active)


@dataclass(frozen=True)
class Rows:
    features: Floats
    elapsed: Floats
    outcome: Floats


def learn(samples: Sequence[Sample], *, with_activity: bool) -> Forest:
    """The same samples give the same forest. Raises TooLittle."""
    parts = [
        observe(sample, days, with_activity=with_activity)
        for sample in samples
        for days in sample.moments
        if not with_activity or has_activity(sample.cohort, days).any()
    ]
    if not parts:
        raise TooLittle("nobody was still at it on any day that can be learned from")
    rows = Rows(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("features", "elapsed", "outcome")
        )
    )
    stages = []
    for share, (since, until) in STAGES.items():
        chosen = (rows.elapsed >= since) & (rows.elapsed <= until)
        outcome = rows.outcome[chosen]
        if len(outcome) >= LEAST_ROWS and 0 < outcome.sum() < len(outcome):
            stages.append(_stage(share, rows.features[chosen], outcome, with_activity))
    if not stages:
        raise TooLittle(f"no stage of the course has {LEAST_ROWS} observations of both outcomes")
    return Forest(tuple(features.names(with_activity=with_activity)), tuple(stages))


def observe(sample: Sample, days: Floats, *, with_activity: bool) -> Rows:
    """Who was registered and still at it at the end of their day, as known then."""
    cohort = sample.cohort
    at_it = present(cohort, days) & ~np.isnan(sample.outcome)
    if with_activity:
        at_it &= has_activity(cohort, days)
    told = features.compute(cohort, days, with_activity=with_activity)
    return Rows(told[at_it], (days / cohort.length)[at_it], sample.outcome[at_it])


def present(cohort: Cohort, days: Floats) -> np.ndarray:
    """[N] whether each learner had come and hadn't left or finished by the end of their day."""
    gone = (cohort.left <= days) | (cohort.finished <= days)
    return ~(cohort.registered > days) & ~gone & (days >= 0) & (days <= cohort.length)


def every_ten_days(cohort: Cohort) -> list[Floats]:
    """Moments of a cohort whose learners all began on the same day."""
    days = np.arange(STEP, np.max(cohort.length, initial=0.0), STEP)
    recorded = cohort.activity.days if isinstance(cohort.activity, Checkpoints) else []
    return [np.full(len(cohort), day) for day in np.union1d(days, recorded)]


def _stage(share: float, rows: Floats, outcome: Floats, with_activity: bool) -> Stage:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    directions = [
        each.direction for each in features.FEATURES if with_activity or not each.needs_activity
    ]
    # A column without any value can't be binned; a constant is never split on.
    silent = np.isnan(rows).all(axis=0)
    trees = []
    for seed in SEEDS:
        model = HistGradientBoostingClassifier(
            monotonic_cst=directions, random_state=seed, **SETTINGS
        )
        # One thread: sums in the same order each time, and no fight for busy processors.
        with threadpool_limits(1, user_api="openmp"):
            model.fit(np.where(silent, 0.0, rows), outcome)
        trees += [_tree(predictor.nodes) for (predictor,) in model._predictors]
    # Boosting starts at the log-odds of the whole, whatever the seed.
    base = float(np.asarray(model._baseline_prediction).reshape(-1)[0])
    return Stage(share, _round(base), tuple(trees))


def _tree(nodes: np.ndarray) -> Tree:
    is_leaf = nodes["is_leaf"].astype(bool)
    left, right = nodes["left"].astype(int), nodes["right"].astype(int)
    # Leaves are rounded first, so that the means of what the file holds are the file's.
    value = np.array([_round(v / len(SEEDS)) for v in nodes["value"]])
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
    """Six digits, rounded up: a threshold is often a learner's very value, which goes left."""
    short = float(f"{threshold:.6g}")
    if short < threshold:
        short += 10.0 ** (math.floor(math.log10(abs(threshold))) - 5)
    return float(f"{short:.6g}")


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
