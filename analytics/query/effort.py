"""How much active time it takes to complete a course, from those who have completed it."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, BigIntegerField, Count

from progress.models import CourseProgress

from .filters import Filters
from .minimum_sample import MIN_SAMPLE


class Quartiles(Aggregate):
    """The quartiles of a number; each is one of the rows' values."""

    template = "percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(BigIntegerField())


def effort(filters: Filters) -> dict[int, tuple[int, int, int]]:
    """For each course the quartiles of the time (ms) of everyone who completed it, whatever the
    other filters, as far as the reader sees them; from five on."""
    rows = CourseProgress.objects.filter(completed_at__isnull=False, time_ms__gt=0)
    counted = (
        filters.seen(rows)
        .order_by()
        .values("course_id")
        .annotate(count=Count("pk"), quartiles=Quartiles("time_ms"))
        .filter(count__gte=MIN_SAMPLE)
    )
    return {row["course_id"]: tuple(row["quartiles"]) for row in counted}
