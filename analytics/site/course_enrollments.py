"""How far the learners of a course are, one row for each enrolment, and what is drawn of it."""

from collections.abc import Iterable
from datetime import date, datetime
from statistics import median
from typing import NamedTuple

from django.db.models import DateField
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from analytics.query import charts
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import CourseProgress, fulfilled_outside

WEEK = 7 * 86_400


class EnrollmentState(NamedTuple):
    """How far an enrolment is, as needed for figures over many; `cohort` is the first day of a
    month."""

    user_id: int
    department: str
    enrolled_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    bp: int
    time_ms: int
    cohort: date
    is_outside: bool = False  # completed elsewhere, validly

    @property
    def seconds_to_complete(self) -> float:
        assert self.completed_at is not None
        return max((self.completed_at - self.enrolled_at).total_seconds(), 0)

    def is_overdue_at(self, now: datetime) -> bool:
        is_late = self.due_at is not None and self.due_at < now
        return is_late and self.completed_at is None and not self.is_outside


def enrollment_states(filters: Filters, now: datetime) -> list[EnrollmentState]:
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    columns = (
        "user_id",
        "user__department",
        "enrollment__enrolled_at",
        "enrollment__due_at",
        "completed_at",
        "completion_bp",
        "time_ms",
        TruncMonth("enrollment__enrolled_at", output_field=DateField()),
        fulfilled_outside(now),
    )
    return [EnrollmentState(*row) for row in filters.apply(rows).values_list(*columns)]


def median_seconds(states: Iterable[EnrollmentState]) -> float | None:
    """The median of credited active time, over those who have any; None for fewer than five."""
    times = [each.time_ms for each in states if each.time_ms]
    return median(times) / 1000 if is_enough(len(times)) else None


def distribution(states: Iterable[EnrollmentState]) -> charts.Bars | None:
    """How many learners are at 0 %, in between, and at 100 %."""
    parts = [(0, 0), (1, 24), (25, 49), (50, 74), (75, 99), (100, 100)]
    # Less than a whole percent is a beginning all the same.
    begun = [max(each.bp // 100, 1) if each.bp else 0 for each in states]
    return charts.bars(
        [
            (_range(low, high), count, str(count))
            for low, high in parts
            for count in [sum(low <= percent <= high for percent in begun)]
        ]
    )


def _range(low: int, high: int) -> str:
    return f"{low} %" if low == high else f"{low}–{high} %"


def time_to_complete(states: Iterable[EnrollmentState]) -> charts.Bars | None:
    """How many weeks after enrolment learners completed it; None for fewer than five of them."""
    weeks = [int(s.seconds_to_complete // WEEK) + 1 for s in states if s.completed_at]
    if not is_enough(len(weeks)):
        return None
    last = min(max(weeks), 26)
    counts = [sum(min(week, last) == n for week in weeks) for n in range(1, last + 1)]
    return charts.bars(
        [
            (_("Week %(number)s") % {"number": n}, count, str(count))
            for n, count in enumerate(counts, 1)
        ]
    )
