"""Forecasts as they were made, and what became of them: the only writer of `ForecastRecord`.

The first of a week of an enrolment is kept, whether people saw it or not, and never changed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Case, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from analytics.models import ForecastRecord
from progress.models import CourseProgress

from .coursework import Floats
from .gate import Settled
from .intervals import inside_by_level

KEPT = timedelta(days=3 * 365)
WRITTEN_AT_ONCE = 2_000
HOURS = 24.0


def record(rows: Sequence[ForecastRecord]) -> int:
    """Keep those that are the first of their enrolment and week; returns how many."""
    latest = dict(
        ForecastRecord.objects.filter(enrollment__in={row.enrollment_id for row in rows})
        .order_by()
        .values_list("enrollment_id")
        .annotate(week=Max("week"))
    )
    new = [row for row in rows if row.week > latest.get(row.enrollment_id, -1)]
    for at in range(0, len(new), WRITTEN_AT_ONCE):
        # A run at the same time may have been faster: its forecasts stay.
        ForecastRecord.objects.bulk_create(new[at : at + WRITTEN_AT_ONCE], ignore_conflicts=True)
    return len(new)


def settle(now: datetime) -> int:
    """Write the outcomes of forecasts whose horizon is over; returns of how many."""
    ForecastRecord.objects.filter(predicted_at__lt=now - KEPT).delete()
    over = ForecastRecord.objects.filter(is_settled=False, horizon_at__lte=now)
    completed = CourseProgress.objects.filter(
        enrollment=OuterRef("enrollment"), user=OuterRef("user")
    ).values("completed_at")
    over.update(finished_at=Subquery(completed[:1]))
    in_time = Q(finished_at__lte=F("horizon_at"))
    has_begun = Q(first_at__isnull=False)
    inside = has_begun & (
        Q(last_at=None) & (~in_time | Q(finished_at=None) | Q(finished_at__gte=F("first_at")))
        | in_time & Q(finished_at__gte=F("first_at"), finished_at__lte=F("last_at"))
    )
    return over.update(
        is_settled=True,
        is_inside=Case(
            When(first_at=None, then=Value(None)), When(inside, then=Value(True)), default=False
        ),
        was_late=Case(
            When(due_at=None, then=Value(None)),
            When(finished_at__lte=F("due_at"), then=Value(False)),
            default=True,
        ),
        finished_at=Case(When(in_time, then=Coalesce("finished_at", None)), default=None),
    )


def settled(course_id: int) -> dict[int, Settled]:
    """A course's forecasts whose outcome is known, by part of the time, the oldest first. Those
    that named no day have no interval; their chance to be late counts nevertheless."""
    rows = (
        ForecastRecord.objects.filter(course=course_id, is_settled=True)
        .order_by("predicted_at", "enrollment_id")
        .values_list(
            "part",
            "enrollment_id",
            "predicted_at",
            "hours",
            "finished_at",
            "first_at",
            "last_at",
            "is_calibrated",
            "is_inside",
            "late_chance",
            "was_late",
        )
    )
    found: dict[int, list[tuple]] = {}
    for part, *row in rows.iterator(chunk_size=10_000):
        found.setdefault(part, []).append(tuple(row))
    return {part: _columns(several) for part, several in found.items()}


def _columns(rows: list[tuple]) -> Settled:
    ids, at, hours, finished, first, last, is_calibrated, inside, late, was_late = zip(
        *rows, strict=True
    )
    quantiles = np.array(hours, dtype=float) / HOURS
    quantiles = np.where(np.isnan(quantiles), np.inf, quantiles)
    return Settled(
        enrollment=np.array(ids),
        is_named=np.array([each is not None for each in first]),
        inside=np.array(inside, dtype=bool),
        by_level=inside_by_level(quantiles, _days(at, finished)),
        is_calibrated=np.array(is_calibrated, dtype=bool),
        width=_days([begin or end for begin, end in zip(first, at, strict=True)], last),
        late=np.array(late, dtype=float),
        was_late=np.array(was_late, dtype=float),
    )


def _days(since: Sequence[datetime], until: Sequence[datetime | None]) -> Floats:
    return np.array(
        [
            np.inf if end is None else (end - begin).total_seconds() / 86_400
            for begin, end in zip(since, until, strict=True)
        ]
    )
