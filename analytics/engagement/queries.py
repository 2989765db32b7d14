"""The database queries of engagement: totals by content, active time by hour, habits."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Q, QuerySet, Sum
from django.db.models.functions import ExtractIsoWeekDay
from django.utils import timezone

from analytics.facts.rollups.habits import Groups
from analytics.models import ContentDay, LearnerDay, LearnerHabit
from analytics.query import course_days
from analytics.query.dropout import GONE_AFTER
from analytics.query.filters import Filters
from progress.models import Content, ContentProgress, CourseProgress, QuizAttempt
from progress.models.learner_keys import outer_row

from .patterns import KNOWN_AFTER_DAYS, Reached
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
    hours = {f"hour_{hour}": Sum(F(f"hours_ms__{hour}")) for hour in range(24)}
    rows = course_days.sums(filters, "weekday", hours, weekday=ExtractIsoWeekDay("day"))
    cells = [[0] * 24 for _ in range(7)]
    for row in rows:
        cells[row["weekday"] - 1] = [int(row[name] or 0) for name in hours]
    period = filters.period
    active = LearnerDay.objects.filter(
        day__gte=period.since, day__lte=period.until, active_ms__gt=0
    )
    learners = filters.apply(active).aggregate(count=Count("user", distinct=True))["count"]
    return Week(cells, learners)


# --- Habits --------------------------------------------------------------------------------------
def habits(filters: Filters, now: datetime, outcome: str = COMPLETED) -> Counter[Reached]:
    """How many enrolments that began at least four weeks ago have the same habits and outcome,
    whatever the period.

    With the outcome `passed_first`, only those who submitted a quiz with a pass mark: whether they
    passed every such quiz at the first attempt. One statement.
    """
    began_by = timezone.localdate(now) - timedelta(days=KNOWN_AFTER_DAYS)
    rows = filters.apply(LearnerHabit.objects.filter(first_day__lte=began_by))
    counted = (
        _with_outcome(rows, outcome)
        .order_by()
        .values_list(*Groups._fields, "has_outcome")
        .annotate(count=Count("pk"))
    )
    return Counter({(Groups(*groups), reached): n for *groups, reached, n in counted})


def _with_outcome(rows: QuerySet[LearnerHabit], outcome: str) -> QuerySet[LearnerHabit]:
    if outcome == COMPLETED:
        # There are fewer of those who haven't, and an index knows them.
        unfinished = CourseProgress.objects.filter(**outer_row("enrollment"), completed_at=None)
        return rows.annotate(has_outcome=~Exists(unfinished))
    marked = QuizAttempt.objects.filter(**outer_row("enrollment"), number=1, passed__isnull=False)
    failed = marked.filter(passed=False)
    return rows.filter(Exists(marked)).annotate(has_outcome=~Exists(failed))
