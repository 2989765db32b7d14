"""What was done in a period, added up by course or by department."""

from django.db.models import Count, Q, Sum

from analytics.models import LearnerDay
from progress.models import CourseProgress

from .activity import LearnersDays
from .filters import Filters


def amounts(filters: Filters, key: str) -> dict:
    """What was done in the period, by `course_id` or the user's department."""
    period = filters.period
    rows = filters.apply(LearnerDay.objects.filter(day__gte=period.since, day__lte=period.until))
    counted = (
        rows.order_by()
        .values(key)
        .annotate(
            learners=Count("user", distinct=True, filter=Q(active_ms__gt=0)),
            active_ms=Sum("active_ms"),
            sessions=Sum("sessions"),
            covered_ms=Sum("covered_ms"),
            replayed_ms=Sum("replayed_ms"),
            distractions=Sum("distractions"),
            contents=Sum("contents_completed"),
        )
    )
    return {row[key]: row for row in counted}


def completions(filters: Filters, key: str) -> dict:
    """Courses completed on the same days as `amounts` counts, by the same key."""
    is_completed = LearnersDays().within(filters.period, "completed_at")
    rows = filters.apply(CourseProgress.objects.filter(is_completed))
    return dict(rows.order_by().values_list(key).annotate(count=Count("pk")))
