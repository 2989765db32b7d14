"""How good predictions are. `truth` is 0 or 1 [N], `risk` a probability [N]."""

import numpy as np

from .history import Floats

BINS = 10


def auc(truth: Floats, risk: Floats) -> float:
    """Chance that a failed learner ranks above a completed one, ties half; NaN without both."""
    failed = int(truth.sum())
    others = len(truth) - failed
    if not failed or not others:
        return float("nan")
    _, group, count = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[group]
    return float((ranks[truth == 1].sum() - failed * (failed + 1) / 2) / (failed * others))


def average_precision(truth: Floats, risk: Floats) -> float:
    """Mean precision over the recall gained at each distinct risk; NaN if none failed."""
    if not truth.sum():
        return float("nan")
    order = np.argsort(-risk, kind="stable")
    found = np.cumsum(truth[order])
    is_last = np.append(np.diff(risk[order]) != 0, True)
    precision = found[is_last] / (np.flatnonzero(is_last) + 1)
    recall = found[is_last] / found[-1]
    return float((np.diff(np.append(0.0, recall)) * precision).sum())


def brier(truth: Floats, risk: Floats) -> float:
    return float(np.mean((truth - risk) ** 2))


def reliability(truth: Floats, risk: Floats) -> list[tuple[int, float, float]]:
    """For each non-empty tenth of the scale: number of learners, mean risk, share that failed."""
    bins = np.minimum((risk * BINS).astype(int), BINS - 1)
    return [
        (int(inside.sum()), float(risk[inside].mean()), float(truth[inside].mean()))
        for inside in (bins == number for number in range(BINS))
        if inside.any()
    ]


def calibration_error(truth: Floats, risk: Floats) -> float:
    """Expected calibration error over ten bins of equal width."""
    rows = reliability(truth, risk)
    return sum(n * abs(predicted - observed) for n, predicted, observed in rows) / len(truth)


def precision_recall(truth: Floats, chosen: np.ndarray) -> tuple[float, float]:
    """Of the chosen, the share that failed; of those that failed, the share chosen."""
    hit = float(truth[chosen].sum())
    precision = hit / chosen.sum() if chosen.any() else float("nan")
    return precision, hit / truth.sum() if truth.any() else float("nan")
