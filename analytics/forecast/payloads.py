"""When the learner is expected to complete a course, for the learner's own pages: days, never a
chance, and only where forecasts have proved right."""

from datetime import timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject, Now

from analytics.models import CompletionForecast

CURRENT = timedelta(days=2)  # an older one says nothing about today's pace


def expected_days() -> Subquery:
    """An expression for enrolments: `{first_at, last_at}` of a forecast with both, or null."""
    rows = CompletionForecast.objects.filter(
        enrollment=OuterRef("pk"),
        user=OuterRef("user"),
        first_at__isnull=False,
        last_at__gt=Now(),
        as_of__gt=Now() - CURRENT,
    )
    return Subquery(rows.values(days=JSONObject(first_at="first_at", last_at="last_at"))[:1])
