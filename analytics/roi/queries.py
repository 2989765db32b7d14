"""The inputs of the figures, for the chosen filters: eight statements."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from analytics.models import HourlyRate, LearnerDay
from analytics.query.activity import LearnersDays
from analytics.query.duty import is_overdue
from analytics.query.effort import effort
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import CourseProgress, QuizAttempt

from .figures import Inputs

WHOLE_BP = 10_000


def inputs(filters: Filters, now: datetime) -> tuple[Inputs, int]:
    """Returns the inputs, and how many learners were active in the period."""
    days = _days(filters)
    by_department = list(
        days.order_by()
        .values_list("user__department")
        .annotate(ms=Sum("active_ms"), people=Count("user", distinct=True))
    )
    progress = filters.apply(CourseProgress.objects.all())
    overdue, late = _overdue(filters, now)
    own_days = LearnersDays()
    passed, passed_before = _passed(filters, own_days)
    found = Inputs(
        active_ms={name: ms for name, ms, _people in by_department},
        rates=rates(),
        completions=progress.filter(own_days.within(filters.period, "completed_at")).count(),
        passed=passed,
        passed_before=passed_before,
        effort_ms=effort(filters),
        overdue=overdue,
        overdue_learners=late,
        small=frozenset(name for name, _ms, people in by_department if not is_enough(people)),
    )
    # Each learner is in exactly one department.
    return found, sum(people for _name, _ms, people in by_department)


def rates() -> dict[str, Decimal]:
    """The cost of an hour by department; the one under the empty name is for all others."""
    return dict(HourlyRate.objects.values_list("department", "amount"))


def _days(filters: Filters):
    period = filters.period
    rows = LearnerDay.objects.filter(day__gte=period.since, day__lte=period.until, active_ms__gt=0)
    return filters.apply(rows)


def _passed(filters: Filters, own_days: LearnersDays) -> tuple[tuple[int, int], tuple[int, int]]:
    """(passed, all) of the first attempts marked in these days, and in as many days before.

    (0, 0) where they are of fewer than five learners.
    """
    this = own_days.within(filters.period, "submitted_at")
    before = own_days.within(filters.period.before, "submitted_at")
    rows = QuizAttempt.objects.filter(this | before, number=1, passed__isnull=False)
    counts = filters.apply(rows, course="enrollment__course").aggregate(
        **_counts("this", this), **_counts("before", before)
    )
    return _passed_and_all(counts, "this"), _passed_and_all(counts, "before")


def _counts(name: str, when: Q) -> dict[str, Count]:
    return {
        f"{name}_passed": Count("pk", filter=when & Q(passed=True)),
        f"{name}_all": Count("pk", filter=when),
        f"{name}_people": Count("user", filter=when, distinct=True),
    }


def _passed_and_all(counts: dict[str, int], name: str) -> tuple[int, int]:
    if not is_enough(counts[f"{name}_people"]):
        return 0, 0
    return counts[f"{name}_passed"], counts[f"{name}_all"]


def _overdue(filters: Filters, now: datetime) -> tuple[dict[int, tuple[Decimal, int]], int]:
    rows = CourseProgress.objects.filter(
        is_overdue(now),
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        user__is_active=True,
    )
    counted = list(
        filters.apply(rows)
        .order_by()
        .values("course_id")
        .annotate(left=Sum(WHOLE_BP - F("completion_bp")), count=Count("pk"))
    )
    people = filters.apply(rows).aggregate(count=Count("user", distinct=True))["count"]
    by_course = {
        row["course_id"]: (Decimal(row["left"]) / WHOLE_BP, row["count"]) for row in counted
    }
    return by_course, people
