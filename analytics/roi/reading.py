"""What the figures are made of, narrowed as asked: six statements."""

from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, BigIntegerField, Count, F, Q, Sum

from analytics.dashboards.activity import completed_in
from analytics.dashboards.filters import Chosen, Period, midnight
from analytics.dashboards.scope import SMALLEST_GROUP
from analytics.models import HourlyRate, LearnerDay
from analytics.reports.standing import ONE_DAY
from progress.models import CourseProgress, QuizAttempt

from .figures import Inputs

WHOLE_BP = 10_000


class Quartiles(Aggregate):
    """The quartiles of a number that rows have, each one that a row has."""

    template = "percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(BigIntegerField())


def inputs(chosen: Chosen, now: datetime) -> tuple[Inputs, int]:
    """And how many learners were active in the period."""
    days = _days(chosen)
    by_department = list(
        days.order_by()
        .values_list("user__department")
        .annotate(ms=Sum("active_ms"), people=Count("user", distinct=True))
    )
    progress = chosen.narrow(CourseProgress.objects.all())
    overdue, people = _overdue(chosen, now)
    told = Inputs(
        active_ms={name: ms for name, ms, _people in by_department},
        rates=rates(),
        completions=progress.filter(completed_in(chosen.period)).count(),
        passed=_passed(chosen, chosen.period),
        passed_before=_passed(chosen, chosen.period.before),
        effort_ms=effort(chosen),
        overdue=overdue,
        overdue_learners=people,
        small=frozenset(name for name, _ms, few in by_department if few < SMALLEST_GROUP),
    )
    return told, learners(chosen)


def rates() -> dict[str, Decimal]:
    """An hour's cost by department; that without a name is of all others."""
    return dict(HourlyRate.objects.values_list("department", "amount"))


def learners(chosen: Chosen) -> int:
    return _days(chosen).aggregate(count=Count("user", distinct=True))["count"]


def _days(chosen: Chosen):
    period = chosen.period
    rows = LearnerDay.objects.filter(day__gte=period.since, day__lte=period.until, active_ms__gt=0)
    return chosen.narrow(rows)


def _passed(chosen: Chosen, period: Period) -> tuple[int, int]:
    """Of first attempts that were marked in these days: (passed, all); nothing for few learners."""
    rows = QuizAttempt.objects.filter(
        number=1,
        passed__isnull=False,
        submitted_at__gte=midnight(period.since),
        submitted_at__lt=midnight(period.until + ONE_DAY),
    )
    counted = chosen.narrow(rows, course="enrollment__course").aggregate(
        passed=Count("pk", filter=Q(passed=True)),
        all=Count("pk"),
        people=Count("user", distinct=True),
    )
    if counted["people"] < SMALLEST_GROUP:
        return 0, 0
    return counted["passed"], counted["all"]


def effort(chosen: Chosen) -> dict[int, tuple[int, int, int]]:
    """Of everybody who has completed a course, whoever is asked for: five at least."""
    rows = CourseProgress.objects.filter(
        completed_at__isnull=False, course__in=list(chosen.courses)
    )
    counted = (
        rows.order_by()
        .values("course_id")
        .annotate(count=Count("pk"), quartiles=Quartiles("time_ms"))
        .filter(count__gte=SMALLEST_GROUP)
    )
    return {row["course_id"]: tuple(row["quartiles"]) for row in counted}


def _overdue(chosen: Chosen, now: datetime) -> tuple[dict[int, tuple[Decimal, int]], int]:
    rows = CourseProgress.objects.filter(
        completed_at=None,
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        enrollment__due_at__lt=now,
        user__is_active=True,
    )
    counted = list(
        chosen.narrow(rows)
        .order_by()
        .values("course_id")
        .annotate(left=Sum(WHOLE_BP - F("completion_bp")), count=Count("pk"))
    )
    people = chosen.narrow(rows).aggregate(count=Count("user", distinct=True))["count"]
    told = {row["course_id"]: (Decimal(row["left"]) / WHOLE_BP, row["count"]) for row in counted}
    return told, people
