"""Forecasts of open enrolments: the only writer of `CompletionForecast`.

Courses are read in chunks, since an enrolment is compared with others of its course. A forecast is
shown only where earlier ones were right (`validating`); every forecast is kept, shown or not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count

from analytics.facts.still_open import course_chunks, open_enrollments
from analytics.facts.store import upsert
from analytics.models import CompletionForecast, ForecastRecord
from progress.jobs import Run
from progress.models import Enrollment

from . import intervals, recording, tables, validating
from .coursework import USUAL, Coursework, Pace, pace_of
from .futures import Course, Distribution, Plan, Task
from .gate import part_of
from .remaining import Remaining, remaining
from .validating import Shown

CHUNK = 10_000  # enrolments read at once; a larger course is a chunk of its own
WRITTEN_AT_ONCE = 2_000
MIN_DAYS = 1.0  # since the enrolment: before that there is nothing to forecast from
MIN_SHARE = 0.03  # of the time
SECONDS_OF_A_DAY = 86_400
WEEK = 7
COLUMNS = [
    "as_of",
    "part",
    "left_seconds",
    "left_contents",
    "first_at",
    "median_at",
    "last_at",
    "horizon_at",
    "late_chance",
    "insufficient",
]
Insufficient = CompletionForecast.Insufficient


@dataclass(frozen=True)
class Forecast:
    """An enrolment's forecast, whether it may be shown or not; `distribution` is None where there
    is none, for the reason `insufficient`."""

    work: Coursework
    index: int
    now: datetime
    left: Remaining
    part: int
    shown: Shown
    distribution: Distribution | None = None
    insufficient: str = ""

    @property
    def due_day(self) -> float:
        """Days from now until the due date; NaN without one."""
        return float(self.work.due[self.index] - self.work.observed[self.index])

    @property
    def late_chance(self) -> float | None:
        if self.distribution is None or not self.due_day > 0:
            return None
        return round(1 - self.distribution.by(self.due_day), 6)

    def at(self, day: float) -> datetime | None:
        return self.now + timedelta(days=float(day)) if np.isfinite(day) else None

    @property
    def days(self) -> tuple[float, float, float] | None:
        """The first and last day of the interval and the middle, from now; None if no day can be
        named."""
        if self.distribution is None:
            return None
        quantiles = self.distribution.quantiles()[None]
        if not intervals.names_days(quantiles)[0]:
            return None
        first, last = intervals.interval(quantiles, self.shown.level)
        middle = quantiles[0, quantiles.shape[1] // 2]
        return float(first[0]), float(last[0]), float(max(middle, first[0]))

    def row(self) -> CompletionForecast:
        """What people are shown."""
        found = CompletionForecast(
            enrollment_id=int(self.work.ids[self.index]),
            user_id=int(self.work.users[self.index]),
            course_id=self.work.course_id,
            as_of=self.now,
            part=self.part,
            left_seconds=round(self.left.seconds),
            left_contents=self.left.contents,
            insufficient=self.insufficient,
        )
        if self.distribution is None:
            return found
        if not self.shown.days:
            found.insufficient = Insufficient.UNVALIDATED
            return found
        found.horizon_at = self.at(self.distribution.horizon)
        if self.shown.late:
            found.late_chance = self.late_chance
        if self.days is None:
            found.insufficient = Insufficient.UNLIKELY
            return found
        found.first_at, found.last_at, found.median_at = (self.at(day) for day in self.days)
        return found

    def record(self) -> ForecastRecord | None:
        """What is kept to be measured."""
        if self.distribution is None:
            return None
        hours = self.distribution.quantiles() * 24
        days = self.days
        is_due = self.due_day > 0
        return ForecastRecord(
            enrollment_id=int(self.work.ids[self.index]),
            user_id=int(self.work.users[self.index]),
            course_id=self.work.course_id,
            week=int(self.work.observed[self.index] // WEEK) + 1,
            part=self.part,
            predicted_at=self.now,
            hours=[round(hour) if np.isfinite(hour) else None for hour in hours.tolist()],
            horizon_at=self.at(self.distribution.horizon),
            due_at=self.at(self.due_day) if is_due else None,
            level=self.shown.level,
            is_calibrated=self.shown.is_calibrated,
            first_at=self.at(days[0]) if days else None,
            last_at=self.at(days[1]) if days else None,
            late_chance=self.late_chance,
            is_shown=self.shown.days and days is not None,
        )


def forecast_all(now: datetime, *, run: Run) -> None:
    """Forecast every open enrolment, and delete the forecasts of those that are no longer open."""
    chunks = list(_chunks())
    # The organisation's pace is that of the chunk that is read first: the largest courses.
    above = USUAL
    for course_ids in chunks:
        works = tables.read(course_ids, now)
        above = organisation_pace(works, above)
        run.rows += write(works, now, above)
    closed = CompletionForecast.objects.exclude(enrollment__in=open_enrollments().values("pk"))
    run.rows += closed.delete()[0]


def write(works: Sequence[Coursework], now: datetime, above: Pace) -> int:
    """Write the forecasts of the courses' open enrolments, and keep them; returns how many."""
    found = list(forecasts(works, now, above))
    recording.record([kept for each in found if (kept := each.record()) is not None])
    rows = sorted((each.row() for each in found), key=lambda row: row.enrollment_id)
    for at in range(0, len(rows), WRITTEN_AT_ONCE):
        upsert(rows[at : at + WRITTEN_AT_ONCE], ["enrollment"], COLUMNS)
    return len(rows)


def forecasts(
    works: Sequence[Coursework],
    now: datetime,
    above: Pace,
    *,
    only: set[int] | None = None,
    plan: Plan | None = None,
) -> Iterator[Forecast]:
    """The forecasts of open enrolments (of `only` these); with `plan`, if that is what each of
    them does in the coming week."""
    shown = validating.shown([work.course_id for work in works])
    for work in works:
        chosen = [
            int(at)
            for at in np.flatnonzero(work.is_open & (work.observed >= 0))
            if only is None or int(work.ids[at]) in only
        ]
        left = remaining([int(work.ids[at]) for at in chosen], now)
        course = Course(work, pace_of(work, above))
        for at in chosen:
            if int(work.ids[at]) in left:
                yield _forecast(course, at, left[int(work.ids[at])], now, shown, plan)


def _forecast(
    course: Course,
    index: int,
    left: Remaining,
    now: datetime,
    shown: dict[tuple[int, int], Shown],
    plan: Plan | None,
) -> Forecast:
    work = course.work
    share = float(work.observed[index] / work.span[index])
    part = 0 if np.isnan(share) else part_of(share)
    said = shown.get((work.course_id, part), validating.UNKNOWN)
    found = Forecast(work, index, now, left, part, said)
    if np.isnan(share):
        return replace(found, insufficient=Insufficient.NO_TIME)
    if not work.whole or not left.contents:
        return replace(found, insufficient=Insufficient.NO_TASKS)
    if work.observed[index] < max(MIN_DAYS, MIN_SHARE * work.span[index]):
        return replace(found, insufficient=Insufficient.JUST_STARTED)
    opens = (left.opens_at - now).total_seconds() / SECONDS_OF_A_DAY if left.opens_at else 0.0
    return replace(found, distribution=course.distribution(Task(index, left.seconds, opens), plan))


def organisation_pace(works: Sequence[Coursework], above: Pace) -> Pace:
    """The mean of the courses' paces, by the number of their enrolments."""
    if not works:
        return above
    paces = np.array([list(vars(pace_of(work, above)).values()) for work in works])
    weights = np.array([len(work) for work in works], dtype=float)
    return Pace(*(weights @ paces / weights.sum()).tolist())


def _chunks() -> Iterator[list[int]]:
    """Courses, about `CHUNK` enrolments at a time, past ones included; the largest first."""
    courses = open_enrollments().order_by().values("course_id")
    sizes = (
        Enrollment.objects.filter(course__in=courses)
        .order_by()
        .values_list("course_id")
        .annotate(number=Count("pk"))
        .order_by("-number", "course_id")
    )
    return course_chunks(sizes, CHUNK)
