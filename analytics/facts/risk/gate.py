"""Whether scores of a week of a course may be shown: decided by how the scores that were stored
at the time have done. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .signs import measures
from .signs.history import Floats

MIN_OUTCOMES = 60
MIN_PER_OUTCOME = 20  # of those who completed in time, and of the others
MIN_AUC = 0.55  # for the lower bound of the 95 % interval
MAX_CALIBRATION_ERROR = 0.10
MAX_OUTCOMES = 300  # the newest; what was true longer ago says little about now
RECENT = 60  # of these, the AUC alone must reach `MIN_AUC`: a sudden change shows here first


class Verdict(StrEnum):
    VALID = "valid"
    TOO_FEW = "too_few"
    NOT_RANKED = "not_ranked"
    NOT_CALIBRATED = "not_calibrated"
    DRIFTED = "drifted"


@dataclass(frozen=True, slots=True)
class Validation:
    """How the scores of one source in a week of a course have done. NaN where nothing can be
    measured."""

    verdict: Verdict
    outcomes: int
    failed: int
    auc: float
    auc_low: float
    calibration_error: float


def validate(failed: Floats, risk: Floats) -> Validation:
    """`failed` is 1 for a learner who didn't complete in time, otherwise 0; `risk` is what was
    predicted; both in the order of the predictions, the oldest first."""
    failed, risk = failed[-MAX_OUTCOMES:], risk[-MAX_OUTCOMES:]
    interval = measures.auc_interval(failed, risk)
    error = measures.calibration_error_by_rank(failed, risk)
    return Validation(
        verdict=_verdict(failed, risk, interval.low, error),
        outcomes=len(failed),
        failed=int(failed.sum()),
        auc=interval.auc,
        auc_low=interval.low,
        calibration_error=error,
    )


def _verdict(failed: Floats, risk: Floats, auc_low: float, error: float) -> Verdict:
    if len(failed) < MIN_OUTCOMES or not _has_both(failed, MIN_PER_OUTCOME):
        return Verdict.TOO_FEW
    if auc_low <= MIN_AUC:
        return Verdict.NOT_RANKED
    if error > MAX_CALIBRATION_ERROR:
        return Verdict.NOT_CALIBRATED
    recent = failed[-RECENT:], risk[-RECENT:]
    has_drifted = _has_both(recent[0], 2) and measures.auc(*recent) < MIN_AUC
    return Verdict.DRIFTED if has_drifted else Verdict.VALID


def _has_both(failed: Floats, number: int) -> bool:
    return min(int(failed.sum()), len(failed) - int(failed.sum())) >= number


def best(by_source: Mapping[str, Validation]) -> str | None:
    """The source to show: of the valid ones, that with the highest lower bound, the first in the
    mapping if they are equal; None if no source is valid."""
    valid = [name for name, each in by_source.items() if each.verdict is Verdict.VALID]
    return max(valid, key=lambda name: by_source[name].auc_low, default=None)
