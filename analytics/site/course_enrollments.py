"""How far the learners of a course are, added up by department and month of enrolment, and what is
drawn of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import DateField
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from analytics.query import charts
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import CourseProgress, fulfilled_outside

SECOND = 1_000_000  # in microseconds
WEEK = 7 * 86_400 * SECOND
SOON = timedelta(weeks=4)
# What is less than a percent is a beginning all the same.
BANDS = ((0, 0), (1, 24), (25, 49), (50, 74), (75, 99), (100, 100))
_BANDS_FROM = (1, 2500, 5000, 7500, 10_000)  # basis points; all below are in the first band


@dataclass(frozen=True, slots=True)
class EnrollmentGroup:
    """The current enrolments of a course of one department and one month of enrolment.

    `cohort` is the month's first day. `bands` counts enrolments by how much is done, as in `BANDS`,
    and `bp_sum` adds that up. `ripe` began four weeks ago or more; `soon` of them completed the
    course within four weeks. `took` are the microseconds from enrolment to completion of each that
    is complete. `times_ms` are the active times of those that have any, and `done_times_ms` of
    those of them that are complete. `modules` are how many completed each of the modules asked for.
    """

    department: str
    cohort: date
    learners: int
    overdue: int
    bp_sum: int
    ripe: int
    soon: int
    latest_enrolled_at: datetime
    bands: list[int]
    took: list[int]
    times_ms: list[int]
    done_times_ms: list[int]
    modules: list[int]


# As rows, some thousand enrolments would take Python longer than the rest of the page.
_GROUPS = """
WITH enrolled (department, cohort, enrolled_at, due_at, completed_at, bp, time_ms, is_outside,
    modules) AS ({enrolled})
SELECT department, cohort::date, count(*),
       count(*) FILTER (WHERE completed_at IS NULL AND due_at < %s AND NOT is_outside),
       sum(bp)::bigint,
       count(*) FILTER (WHERE enrolled_at <= %s),
       count(*) FILTER (WHERE enrolled_at <= %s AND completed_at <= enrolled_at + %s),
       max(enrolled_at),
       ARRAY[{bands}],
       coalesce(array_agg((extract(epoch FROM completed_at - enrolled_at) * 1000000)::bigint)
           FILTER (WHERE completed_at IS NOT NULL), '{{}}'),
       coalesce(array_agg(time_ms) FILTER (WHERE time_ms > 0), '{{}}'),
       coalesce(array_agg(time_ms) FILTER (WHERE time_ms > 0 AND completed_at IS NOT NULL), '{{}}'),
       ARRAY[{modules}]::bigint[]
  FROM (SELECT *, width_bucket(bp, %s) AS band FROM enrolled) banded
 GROUP BY department, cohort
"""
_COUNTED_BANDS = ", ".join(f"count(*) FILTER (WHERE band = {n})" for n in range(len(BANDS)))


# Of a module by its key in `module_progress`.
_COUNTED_MODULE = "count(*) FILTER (WHERE (modules -> %s ->> 'is_complete')::boolean)"


def enrollment_groups(
    filters: Filters, now: datetime, modules: Sequence[int] = ()
) -> list[EnrollmentGroup]:
    """The current enrolments of the chosen courses, and of them those that completed `modules`.
    One statement."""
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    columns = (
        "user__department",
        TruncMonth("enrollment__enrolled_at", output_field=DateField()),
        "enrollment__enrolled_at",
        "enrollment__due_at",
        "completed_at",
        "completion_bp",
        "time_ms",
        fulfilled_outside(now),
        "module_progress",
    )
    enrolled = filters.apply(rows).values_list(*columns)
    try:
        statement, parameters = enrolled.query.sql_with_params()
    except EmptyResultSet:  # without courses Django needs no statement
        return []
    with connections[enrolled.db].cursor() as cursor:
        cursor.execute(
            _GROUPS.format(
                enrolled=statement,
                bands=_COUNTED_BANDS,
                modules=", ".join(_COUNTED_MODULE for _ in modules),
            ),
            [
                *parameters,
                now,
                *(now - SOON, now - SOON, SOON),
                *map(str, modules),
                list(_BANDS_FROM),
            ],
        )
        return [EnrollmentGroup(*row) for row in cursor.fetchall()]


def median_seconds(times_ms: list[int]) -> float | None:
    """The median of credited active times; None for fewer than five."""
    return median(times_ms) / 1000 if is_enough(len(times_ms)) else None


def distribution(groups: Iterable[EnrollmentGroup]) -> charts.Bars | None:
    """How many learners are at 0 %, in between, and at 100 %."""
    counts = [sum(band) for band in zip(*(each.bands for each in groups), strict=True)]
    return charts.bars(
        [(_range(*band), count, str(count)) for band, count in zip(BANDS, counts, strict=False)]
    )


def _range(low: int, high: int) -> str:
    return f"{low} %" if low == high else f"{low}–{high} %"


def time_to_complete(groups: Iterable[EnrollmentGroup]) -> charts.Bars | None:
    """How many weeks after enrolment learners completed it; None for fewer than five of them."""
    weeks = [max(each, 0) // WEEK + 1 for group in groups for each in group.took]
    if not is_enough(len(weeks)):
        return None
    last = min(max(weeks), 26)
    counts = Counter(min(week, last) for week in weeks)
    return charts.bars(
        [
            (_("Week %(number)s") % {"number": n}, counts[n], str(counts[n]))
            for n in range(1, last + 1)
        ]
    )
