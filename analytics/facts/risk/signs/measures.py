"""How good predictions are. `truth` is 0 or 1 [N], `risk` a probability [N]."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from .history import Floats

BINS = 10
MIN_IN_BIN = 25  # learners: in a smaller bin, chance alone looks like an error of calibration
NORMAL_95 = 1.96


def auc(truth: Floats, risk: Floats) -> float:
    """Chance that a failed learner ranks above a completed one, ties half; NaN without both."""
    failed = int(truth.sum())
    others = len(truth) - failed
    if not failed or not others:
        return float("nan")
    _, group, count = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[group]
    return float((ranks[truth == 1].sum() - failed * (failed + 1) / 2) / (failed * others))


@dataclass(frozen=True)
class AucInterval:
    """An AUC with the lower bound of its 95 % interval; NaN without both outcomes."""

    auc: float
    low: float


def auc_interval(truth: Floats, risk: Floats) -> AucInterval:
    """The interval by the variance of DeLong, DeLong and Clarke-Pearson (1988)."""
    failed, others = risk[truth == 1], risk[truth == 0]
    if min(len(failed), len(others)) < 2:
        return AucInterval(auc(truth, risk), float("nan"))
    above, beneath = _placements(failed, others), 1 - _placements(others, failed)
    variance = above.var(ddof=1) / len(failed) + beneath.var(ddof=1) / len(others)
    middle = float(above.mean())
    return AucInterval(middle, middle - NORMAL_95 * sqrt(variance))


def _placements(risk: Floats, others: Floats) -> Floats:
    """For each risk, the share of `others` that it ranks above, ties half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, risk, "left")
    return (below + np.searchsorted(ordered, risk, "right")) / (2 * len(ordered))


def auc_within(truth: Floats, risk: Floats, group: np.ndarray) -> float:
    """The AUC over pairs of the same group only; NaN if no group has both outcomes.

    Groups that differ in how many fail, such as the weeks of a course, say nothing about who fails:
    over all pairs, knowing the week alone would look like a good prediction.
    """
    right = pairs = 0.0
    for each in np.unique(group):
        chosen = group == each
        failed = truth[chosen].sum()
        number = failed * (chosen.sum() - failed)
        if number:
            right += number * auc(truth[chosen], risk[chosen])
            pairs += number
    return right / pairs if pairs else float("nan")


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


def calibration_error_by_rank(truth: Floats, risk: Floats) -> float:
    """Expected calibration error over bins of about as many learners each: ten, or fewer where a
    bin would have less than `MIN_IN_BIN`. NaN without learners."""
    if not len(truth):
        return float("nan")
    order = np.argsort(risk, kind="stable")
    bins = np.array_split(order, max(1, min(BINS, len(order) // MIN_IN_BIN)))
    errors = [abs(risk[each].mean() - truth[each].mean()) * len(each) for each in bins]
    return float(sum(errors) / len(truth))


def precision_recall(truth: Floats, chosen: np.ndarray) -> tuple[float, float]:
    """Of the chosen, the share that failed; of those that failed, the share chosen."""
    hit = float(truth[chosen].sum())
    precision = hit / chosen.sum() if chosen.any() else float("nan")
    return precision, hit / truth.sum() if truth.any() else float("nan")
