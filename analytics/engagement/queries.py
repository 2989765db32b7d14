"""The database queries of engagement: totals by content, active time by hour, habits."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import BoolAnd
from django.db import connections
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import ExtractIsoWeekDay
from django.utils import timezone

from analytics.models import ContentDay, LearnerDay
from analytics.query.dropout import GONE_AFTER
from analytics.query.filters import Filters
from progress.models import Content, ContentProgress, QuizAttempt

from .patterns import HABIT_DAYS, KNOWN_AFTER_DAYS, Habit
from .score import EngagementTotals

# The outcomes that habits are compared by.
COMPLETED, PASSED_FIRST = "completed", "passed_first"
OUTCOMES = (COMPLETED, PASSED_FIRST)


@dataclass(frozen=True, slots=True)
class ContentEngagement:
    """A content with its module and course, and how learners engaged with it."""

    content_id: int
    title: str
    content_type: str
    module_id: int
    module: str
    course_id: int
    course: str
    totals: EngagementTotals
    time_ms: int


def content_engagement(filters: Filters, now: datetime) -> list[ContentEngagement]:
    """The contents of the chosen courses, in order, over the current enrolments as of `now`.

    Distractions are those of the period. They are stored by content only, so there are none if a
    department or a cohort is chosen. Three statements.
    """
    contents = Content.objects.active().filter(
        hidden=False, module__retired_at=None, module__course__in=list(filters.courses)
    )
    columns = ("pk", "title", "content_type", "module_id", "module__title", "module__course_id")
    rows = contents.order_by(
        "module__course__title", "module__course", "module__position", "position", "pk"
    ).values_list(*columns)
    learned, distracted = _learned(filters, now), _distracted(filters)
    return [_content_engagement(row, learned, distracted, filters.courses) for row in rows]


def _content_engagement(row: tuple, learned: dict, distracted: dict, courses) -> ContentEngagement:
    pk, title, kind, module_id, module, course_id = row
    begun, complete, left, bp, time_ms = learned.get(pk, (0, 0, 0, 0, 0))
    distractions, active_ms = distracted.get(pk, (0, 0))
    totals = EngagementTotals(begun, complete, left, bp, distractions, active_ms)
    return ContentEngagement(
        pk, title, kind, module_id, module, course_id, courses[course_id], totals, time_ms
    )


def _learned(filters: Filters, now: datetime) -> dict[int, tuple[int, int, int, int, int]]:
    rows = ContentProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    gone = Q(completed_at=None, last_event_at__lt=now - GONE_AFTER)
    counted = (
        filters.apply(rows, course="enrollment__course")
        .order_by()
        .values_list("content_id")
        .annotate(
            begun=Count("pk"),
            complete=Count("pk", filter=Q(completed_at__isnull=False)),
            left=Count("pk", filter=gone),
            bp=Sum("completion_bp"),
            time_ms=Sum("time_ms"),
        )
    )
    return {pk: tuple(amounts) for pk, *amounts in counted}


def _distracted(filters: Filters) -> dict[int, tuple[int, int]]:
    if filters.department or filters.cohort:
        return {}
    period = filters.period
    counted = (
        ContentDay.objects.filter(
            content__module__course__in=list(filters.courses),
            day__gte=period.since,
            day__lte=period.until,
        )
        .order_by()
        .values_list("content_id")
        .annotate(distractions=Sum("distractions"), ms=Sum("active_ms"))
    )
    return {pk: (distractions, ms) for pk, distractions, ms in counted}


def totals_by(contents: Iterable[ContentEngagement], key: str) -> dict[int, EngagementTotals]:
    """Adds up the totals of contents by `module_id` or `course_id`."""
    sums: dict[int, EngagementTotals] = defaultdict(EngagementTotals)
    for content in contents:
        sums[getattr(content, key)] += content.totals
    return sums


def max_begun(contents: Iterable[ContentEngagement], key: str) -> dict[int, int]:
    """By `key`, how many began the most begun content: at least so many are in its totals."""
    highest: dict[int, int] = defaultdict(int)
    for content in contents:
        number = getattr(content, key)
        highest[number] = max(highest[number], content.totals.begun)
    return highest


# --- The week ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Week:
    """Active time by weekday (Monday first) and hour of the learners' own zones, in ms."""

    cells: list[list[int]]
    learners: int


def week(filters: Filters) -> Week:
    """Two statements, over the days of the period."""
    days = _days(filters)
    hours = {f"hour_{hour}": Sum(F(f"hours_ms__{hour}")) for hour in range(24)}
    rows = (
        days.exclude(hours_ms=[])
        .order_by()
        .annotate(weekday=ExtractIsoWeekDay("day"))
        .values("weekday")
        .annotate(**hours)
    )
    cells = [[0] * 24 for _ in range(7)]
    for row in rows:
        cells[row["weekday"] - 1] = [row[name] or 0 for name in hours]
    learners = days.filter(active_ms__gt=0).aggregate(count=Count("user", distinct=True))["count"]
    return Week(cells, learners)


def _days(filters: Filters):
    period = filters.period
    rows = LearnerDay.objects.filter(day__gte=period.since, day__lte=period.until)
    return filters.apply(rows)


# --- Habits --------------------------------------------------------------------------------------
def _hours(*hours: int) -> str:
    """SQL for the active time of some hours of a day; `hours_ms` counts them from 1.

    Adding the elements takes a third of the time that unnesting slices does.
    """
    return "+".join(f"own.hours_ms[{hour + 1}]" for hour in hours)


# The columns are night (22 to 5), morning, afternoon and evening.
_HABITS = f"""
WITH own AS (
    SELECT day.*, min(day.day) OVER (PARTITION BY day.enrollment_id) AS first
      FROM ({{days}}) day
), habit AS (
    SELECT own.enrollment_id,
           sum({_hours(*range(5), 22, 23)})::bigint AS night,
           sum({_hours(*range(5, 12))})::bigint AS morning,
           sum({_hours(*range(12, 17))})::bigint AS afternoon,
           sum({_hours(*range(17, 22))})::bigint AS evening,
           coalesce(sum(own.active_ms) FILTER (WHERE extract(isodow FROM own.day) > 5), 0)::bigint
               AS weekend,
           count(DISTINCT own.day) AS days
      FROM own
     WHERE own.day < own.first + %s AND own.first <= %s
     GROUP BY own.enrollment_id
)
SELECT habit.*, progress.completed_at IS NOT NULL
  FROM habit
  JOIN progress_courseprogress progress ON progress.enrollment_id = habit.enrollment_id
"""


def habits(filters: Filters, now: datetime, outcome: str = COMPLETED) -> list[Habit]:
    """The habits of the enrolments that began at least four weeks ago, whatever the period.

    With the outcome `passed_first`, only of those who submitted a quiz with a pass mark: whether
    they passed every such quiz at the first attempt. One statement, two with this outcome.
    """
    if not filters.courses:
        return []  # Django would raise EmptyResultSet for the SQL of a query that finds nothing
    passed = _passed_first(filters) if outcome == PASSED_FIRST else None
    rows = filters.apply(LearnerDay.objects.filter(active_ms__gt=0))
    days = rows.values("enrollment_id", "day", "active_ms", "hours_ms")
    statement, parameters = days.query.sql_with_params()
    began_by = timezone.localdate(now) - timedelta(days=KNOWN_AFTER_DAYS)
    with connections[rows.db].cursor() as cursor:
        cursor.execute(_HABITS.format(days=statement), [*parameters, HABIT_DAYS, began_by])
        found = cursor.fetchall()
    return [
        Habit(tuple(parts), weekend, days, completed if passed is None else passed[enrollment])
        for enrollment, *parts, weekend, days, completed in found
        if passed is None or enrollment in passed
    ]


def _passed_first(filters: Filters) -> dict[int, bool]:
    attempts = QuizAttempt.objects.filter(number=1, passed__isnull=False)
    attempts = filters.apply(attempts, course="enrollment__course").order_by()
    return dict(attempts.values_list("enrollment_id").annotate(all=BoolAnd("passed")))
