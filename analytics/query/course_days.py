"""Active time by day and hour, over all learners of courses or over a group of them."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import QuerySet, Sum
from django.db.models.expressions import Combinable

from analytics.models import CourseDay, LearnerDay

from .filters import Filters


def sums(
    filters: Filters, key: str, amounts: Mapping[str, Sum], **keys: Combinable
) -> list[dict[str, Any]]:
    """The amounts of the period's days by `key`, a column or one of the expressions `keys`.

    `amounts` are over `active_ms` and `hours_ms`. One statement; two for a group of learners, and
    while days are being added up.
    """
    if not filters.is_group:
        rows = CourseDay.objects.filter(course__in=list(filters.courses))
        found = _sums(filters, rows, key, {"is_stale": BoolOr("is_stale"), **amounts}, keys)
        if not any(row["is_stale"] for row in found):
            return found
    rows = filters.apply(LearnerDay.objects.exclude(hours_ms=[]))
    return _sums(filters, rows, key, amounts, keys)


def _sums(filters: Filters, rows: QuerySet, key: str, amounts: Mapping, keys: Mapping) -> list:
    period = filters.period
    rows = rows.filter(day__gte=period.since, day__lte=period.until).order_by()
    return list(rows.annotate(**keys).values(key).annotate(**amounts))
