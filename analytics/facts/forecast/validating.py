"""Compares stored forecasts with what happened, every night: the only writer of
`ForecastValidation`. The decision is in `gate`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from analytics.models import ForecastRecord, ForecastValidation

from . import recording
from .gate import PARTS, Settled, Validation, Verdict, validate
from .intervals import COVERAGE

ALL_PARTS = range(1, PARTS + 2)
WHOLE = 0  # as a part: the whole time


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown in a part of a course's time: whether days and chances to be late are, and the
    level of new intervals. `bias` and `enrollments` say how far counts may be off."""

    verdict: str = Verdict.TOO_FEW
    is_late_valid: bool = False
    level: float = COVERAGE
    is_calibrated: bool = False
    enrollments: int = 0
    coverage: float | None = None
    late_bias: float = 0.0
    late_seen: float = 0.5

    @property
    def days(self) -> bool:
        return self.verdict == Verdict.VALID

    @property
    def late(self) -> bool:
        return self.days and self.is_late_valid


UNKNOWN = Shown()


def shown(course_ids) -> dict[tuple[int, int], Shown]:
    """By course and part. One statement."""
    rows = ForecastValidation.objects.filter(course__in=course_ids).exclude(part=WHOLE)
    return {
        (row.course_id, row.part): Shown(
            verdict=row.verdict,
            is_late_valid=row.is_late_valid,
            level=row.level,
            is_calibrated=row.is_calibrated,
            enrollments=row.enrollments,
            coverage=row.coverage,
            late_bias=(row.late_seen or 0.0) - (row.late_expected or 0.0),
            late_seen=0.5 if row.late_seen is None else row.late_seen,
        )
        for row in rows
    }


def learn(now: datetime) -> int:
    """Settle forecasts whose time is over, and measure them; returns how many outcomes were new."""
    settled = recording.settle(now)
    measure(now)
    return settled


@transaction.atomic
def measure(now: datetime) -> None:
    """Replace all validations."""
    # The lock makes two runs at once take turns: the second would insert what the first has.
    list(ForecastValidation.objects.select_for_update().order_by("pk").values_list("pk"))
    ForecastValidation.objects.all().delete()
    ForecastValidation.objects.bulk_create(_rows(now))


def _rows(now: datetime) -> Iterator[ForecastValidation]:
    settled = ForecastRecord.objects.filter(is_settled=True)
    courses = settled.order_by("course_id").values_list("course_id", flat=True).distinct()
    everything: dict[int, list[Settled]] = {}
    for course_id in list(courses):
        parts = recording.settled(course_id)
        for part, found in parts.items():
            yield _row(course_id, part, validate(found), now)
            everything.setdefault(part, []).append(found)
            everything.setdefault(WHOLE, []).append(found)
        yield _row(course_id, WHOLE, validate(_joined(list(parts.values()))), now)
    for part, several in everything.items():
        yield _row(None, part, validate(_joined(several)), now)


def _joined(several: list[Settled]) -> Settled:
    names = Settled.__dataclass_fields__
    return Settled(*(np.concatenate([getattr(each, name) for each in several]) for name in names))


def _row(course_id: int | None, part: int, found: Validation, now: datetime) -> ForecastValidation:
    return ForecastValidation(
        course_id=course_id,
        part=part,
        verdict=found.verdict.value,
        enrollments=found.enrollments,
        forecasts=found.forecasts,
        coverage=_number(found.coverage),
        coverage_low=_number(found.low),
        coverage_high=_number(found.high),
        width_days=_number(found.width),
        level=found.level,
        is_calibrated=found.is_calibrated,
        late_expected=_number(found.late_expected),
        late_seen=_number(found.late_seen),
        late_error=_number(found.late_error),
        is_late_valid=found.is_late_valid,
        measured_at=now,
    )


def _number(value: float) -> float | None:
    """Null for NaN, and for the width of an interval without an end."""
    return float(value) if np.isfinite(value) else None
