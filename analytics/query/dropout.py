"""Contents at which learners drop out: begun, not finished, and left."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, QuerySet
from django.urls import reverse

from analytics.facts.rollups import dropouts as rollup
from analytics.facts.rollups.dropouts import GONE_AFTER
from analytics.models import ContentDropout
from progress.models import ContentProgress

from .figures import share
from .filters import Filters
from .minimum_sample import MIN_SAMPLE

__all__ = ["GONE_AFTER", "Dropout", "dropouts"]
SHOWN = 5


# Titles are read for the few results only: for all contents it would take twice as long.
_WITH_TITLES = """
SELECT content.id, content.title, course.title, counted.begun, counted."left"
  FROM ({counted}) counted
  JOIN progress_content content ON content.id = counted.content_id
  JOIN progress_module module ON module.id = content.module_id
  JOIN progress_course course ON course.id = module.course_id
 ORDER BY counted."left" * 1000 / counted.begun DESC, content.id
"""


@dataclass(frozen=True, slots=True)
class Dropout:
    content_id: int
    title: str
    course: str
    begun: int
    left: int
    as_of: datetime

    @property
    def percent(self) -> int:
        return share(self.left, self.begun)

    @property
    def url(self) -> str:
        return reverse("admin:insight-content", args=[self.content_id])


def dropouts(filters: Filters, now: datetime) -> list[Dropout]:
    """The contents that the largest shares of learners left unfinished two weeks ago or more.

    Only contents that at least five learners began, and one in a hundred left. As they were counted
    within the last hours, or now for a group of learners. One statement, or two.
    """
    if not filters.is_group:
        found = _counted_hourly(filters)
        if found and found[0].as_of > now - 2 * rollup.EVERY:
            return found
    return _counted_now(filters, now)


def _most(rows: QuerySet) -> QuerySet:
    enough = rows.filter(begun__gte=MIN_SAMPLE, left__gte=F("begun") / 100.0)
    return enough.order_by(-(F("left") * 1000 / F("begun")), "content_id")[:SHOWN]


def _counted_hourly(filters: Filters) -> list[Dropout]:
    rows = ContentDropout.objects.filter(
        content__retired_at=None,
        content__hidden=False,
        content__module__course__in=list(filters.courses),
    )
    columns = ("content_id", "content__title", "content__module__course__title")
    return [
        Dropout(*row) for row in _most(rows).values_list(*columns, "begun", "left", "counted_at")
    ]


def _counted_now(filters: Filters, now: datetime) -> list[Dropout]:
    rows = ContentProgress.objects.filter(content__retired_at=None, content__hidden=False)
    counted = _most(rollup.counted(filters.apply(rows, course="enrollment__course"), now))
    try:
        statement, parameters = counted.query.sql_with_params()
    except EmptyResultSet:  # without courses Django needs no statement
        return []
    with connections[rows.db].cursor() as cursor:
        cursor.execute(_WITH_TITLES.format(counted=statement), parameters)
        found = cursor.fetchall()
    return [
        Dropout(pk, title, course, begun, left, now) for pk, title, course, begun, left in found
    ]
