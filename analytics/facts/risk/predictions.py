"""Predictions as they were made, and what became of them: the only writer of `RiskPrediction`.

Of each source, the first prediction in a week of an enrolment is kept, whether people saw it or
not, and never changed. So what is validated is what was, or would have been, shown at the time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Max

from analytics.models import RiskPrediction, RiskSource

from .active_model import ActiveModel
from .histories import CourseHistory, read
from .past_weeks import by_week
from .signs.forest import probability

KEPT = timedelta(days=3 * 365)
WRITTEN_AT_ONCE = 2_000
COURSES_AT_ONCE = 20


def record(rows: Sequence[RiskPrediction]) -> int:
    """Keep those that are the first of their enrolment, week, source and model; returns how many.

    One base model for all rows.
    """
    if not rows:
        return 0
    ids = {row.enrollment_id for row in rows}
    found = RiskPrediction.objects.filter(enrollment__in=ids, base=rows[0].base_id).order_by()
    latest = {
        (enrollment_id, source): week
        for enrollment_id, source, week in found.values_list("enrollment_id", "source").annotate(
            week=Max("week")
        )
    }
    new = [row for row in rows if row.week > latest.get((row.enrollment_id, row.source), -1)]
    for at in range(0, len(new), WRITTEN_AT_ONCE):
        # A run at the same time may have been faster: its predictions stay.
        RiskPrediction.objects.bulk_create(new[at : at + WRITTEN_AT_ONCE], ignore_conflicts=True)
    return len(new)


def record_past(course_ids: Sequence[int], model: ActiveModel, now: datetime) -> int:
    """Keep what the model as it is would have predicted in past weeks; returns how many.

    For a simulated organisation only, whose weeks went by in a moment: real predictions are kept
    when they are made.
    """
    recorded = 0
    for history in read(course_ids, now, with_past=True):
        everyone = np.ones(len(history.cohort), dtype=bool)
        for moment, index, contributions in by_week(history, model, now, everyone):
            risk, weeks = probability(contributions), history.weeks(moment)[index]
            recorded += record(
                [
                    RiskPrediction(
                        enrollment_id=int(history.cohort.learners[learner]),
                        user_id=int(history.users[learner]),
                        course_id=history.course_id,
                        week=int(week),
                        source=RiskSource.BASE,
                        base_id=model.pk,
                        predicted_at=moment,
                        risk=float(value),
                        is_shown=False,
                    )
                    for learner, week, value in zip(index.tolist(), weeks, risk, strict=True)
                ]
            )
    return recorded


def settle(now: datetime) -> int:
    """Write the outcomes of enrolments whose time is over; returns of how many predictions."""
    waiting = RiskPrediction.objects.filter(has_failed=None).order_by("course_id")
    ids = list(waiting.values_list("course_id", flat=True).distinct())
    settled = 0
    for at in range(0, len(ids), COURSES_AT_ONCE):
        for history in read(ids[at : at + COURSES_AT_ONCE], now, with_past=True):
            settled += _settle_course(history, now)
    RiskPrediction.objects.filter(predicted_at__lt=now - KEPT).delete()
    return settled


def _settle_course(history: CourseHistory, now: datetime) -> int:
    outcome = history.outcome(now)
    rows = RiskPrediction.objects.filter(course=history.course_id, has_failed=None)
    open_ids = set(rows.order_by().values_list("enrollment_id", flat=True).distinct())
    count = 0
    for has_failed in (False, True):
        decided = history.cohort.learners[outcome == float(has_failed)]
        ids = [int(each) for each in decided if int(each) in open_ids]
        for at in range(0, len(ids), WRITTEN_AT_ONCE):
            chunk = rows.filter(enrollment__in=ids[at : at + WRITTEN_AT_ONCE])
            count += chunk.update(has_failed=has_failed)
    return count


def outcomes(
    course_id: int, base_id: int
) -> Iterable[tuple[int, dict[str, tuple[np.ndarray, np.ndarray]]]]:
    """The weeks of a course with known outcomes: of each source, whether learners failed (1 or 0)
    and what was predicted, the oldest prediction first."""
    rows = (
        RiskPrediction.objects.filter(course=course_id, base=base_id, has_failed__isnull=False)
        .order_by("week", "source", "predicted_at", "enrollment_id")
        .values_list("week", "source", "has_failed", "risk")
    )
    found: dict[int, dict[str, list[tuple[bool, float]]]] = {}
    for week, source, has_failed, risk in rows.iterator(chunk_size=20_000):
        found.setdefault(week, {}).setdefault(source, []).append((has_failed, risk))
    for week, by_source in found.items():
        tables = {name: np.array(pairs, dtype=float) for name, pairs in by_source.items()}
        yield week, {name: (table[:, 0], table[:, 1]) for name, table in tables.items()}
