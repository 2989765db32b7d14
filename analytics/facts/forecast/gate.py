"""Whether forecasts of a part of a course's time may be shown: decided by how those that were
stored at the time have turned out. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np

from .coursework import Floats
from .intervals import COVERAGE, calibrated_level

MIN_ENROLLMENTS = 60
LOW, HIGH = 0.75, 0.85  # of the outcomes have to be inside the intervals
MAX_ENROLLMENTS = 150  # the newest; what was true longer ago says little about now
RECENT = 30  # a sudden change shows in the newest first
MAX_LATE_ERROR = 0.10  # mean error of calibration of the chance to be late
BINS, MIN_IN_BIN = 10, 25
NORMAL_95 = 1.96
PARTS = 4  # quarters of the time until the due date; what comes after it is one more


class Verdict(StrEnum):
    VALID = "valid"
    TOO_FEW = "too_few"
    TOO_NARROW = "too_narrow"
    TOO_WIDE = "too_wide"
    DRIFTED = "drifted"


@dataclass(frozen=True)
class Settled:
    """Forecasts whose outcome is known, in the order in which they were made: [M] each.

    `inside` says whether the outcome was in the interval as it was stored, `by_level` [M, levels]
    whether it would have been at each level; `width` is the interval's days, infinite without an
    end.
    Where `is_named` is false no day was named, and only the chance to be late counts. `late` is the
    stored chance to be late, NaN without one; `was_late` 1 or 0.
    """

    enrollment: np.ndarray
    is_named: np.ndarray
    inside: np.ndarray
    by_level: np.ndarray
    is_calibrated: np.ndarray
    width: Floats
    late: Floats
    was_late: Floats

    def only(self, chosen: np.ndarray | slice) -> "Settled":
        return Settled(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Validation:
    """How forecasts have turned out; NaN where nothing can be measured. `low` and `high` are the
    ends of the 95 % interval of the coverage. New forecasts are made with `level`."""

    verdict: Verdict
    enrollments: int
    forecasts: int
    coverage: float
    low: float
    high: float
    width: float
    level: float
    is_calibrated: bool
    late_expected: float
    late_seen: float
    late_error: float
    is_late_valid: bool


def part_of(share: float) -> int:
    """The part of the time, from 1, that an enrolment is in after this share of it."""
    return PARTS + 1 if share >= 1 else int(share * PARTS) + 1


def validate(settled: Settled) -> Validation:
    """Those with a calibrated level alone decide: they were made as new ones are. Before there are
    outcomes to learn from, forecasts are made otherwise, and say nothing of these."""
    latest = _newest(settled.only(settled.is_named), MAX_ENROLLMENTS)
    enough = _people(latest) >= MIN_ENROLLMENTS
    deciding = settled.only(settled.is_calibrated)
    measured = _newest(deciding.only(deciding.is_named), MAX_ENROLLMENTS)
    late = _newest(deciding.only(~np.isnan(deciding.late)), MAX_ENROLLMENTS)
    coverage = float(measured.inside.mean()) if len(measured.inside) else float("nan")
    low, high = _wilson(coverage, _people(measured))
    error = _late_error(late)
    return Validation(
        verdict=_verdict(measured, coverage),
        enrollments=_people(measured),
        forecasts=len(measured.inside),
        coverage=coverage,
        low=low,
        high=high,
        width=float(np.median(measured.width)) if len(measured.width) else float("nan"),
        level=calibrated_level(latest.by_level) if enough else COVERAGE,
        is_calibrated=enough,
        late_expected=float(late.late.mean()) if len(late.late) else float("nan"),
        late_seen=float(late.was_late.mean()) if len(late.late) else float("nan"),
        late_error=error,
        is_late_valid=_people(late) >= MIN_ENROLLMENTS and error <= MAX_LATE_ERROR,
    )


def _verdict(measured: Settled, coverage: float) -> Verdict:
    if _people(measured) < MIN_ENROLLMENTS:
        return Verdict.TOO_FEW
    if coverage < LOW:
        return Verdict.TOO_NARROW
    if coverage > HIGH:
        return Verdict.TOO_WIDE
    newest = _newest(measured, RECENT)
    low, high = _wilson(float(newest.inside.mean()), _people(newest))
    return Verdict.DRIFTED if high < LOW or low > HIGH else Verdict.VALID


def _newest(settled: Settled, number: int) -> Settled:
    """The forecasts of so many enrolments: those of which one was made last."""
    backwards = settled.enrollment[::-1]
    _, first = np.unique(backwards, return_index=True)
    lately = backwards[np.sort(first)[:number]]
    return settled.only(np.isin(settled.enrollment, lately))


def _people(settled: Settled) -> int:
    """Several forecasts of an enrolment say little more than one."""
    return len(np.unique(settled.enrollment))


def _wilson(share: float, number: int) -> tuple[float, float]:
    """The 95 % interval of a share, as if it were of so many independent forecasts."""
    if not number:
        return float("nan"), float("nan")
    square = NORMAL_95**2 / number
    middle = (share + square / 2) / (1 + square)
    reach = NORMAL_95 * sqrt(share * (1 - share) / number + square / (4 * number)) / (1 + square)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _late_error(late: Settled) -> float:
    """Expected error of calibration over bins of about as many forecasts each."""
    number = len(late.late)
    if not number:
        return float("nan")
    order = np.argsort(late.late, kind="stable")
    bins = np.array_split(order, max(1, min(BINS, number // MIN_IN_BIN)))
    return float(
        sum(abs(late.late[each].mean() - late.was_late[each].mean()) * len(each) for each in bins)
        / number
    )
