"""Contents at which learners drop out: begun, not finished, and left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, F, Q
from django.urls import reverse

from progress.models import ContentProgress

from .figures import share
from .filters import Filters
from .minimum_sample import MIN_SAMPLE

GONE_AFTER = timedelta(days=14)
SHOWN = 5


# Titles are read for the few results only: for all contents it would take twice as long.
_WITH_TITLES = """
SELECT content.id, content.title, course.title, counted.begun, counted.gone
  FROM ({counted}) counted
  JOIN progress_content content ON content.id = counted.content_id
  JOIN progress_module module ON module.id = content.module_id
  JOIN progress_course course ON course.id = module.course_id
 ORDER BY counted.gone * 1000 / counted.begun DESC, content.id
"""


@dataclass(frozen=True, slots=True)
class Dropout:
    content_id: int
    title: str
    course: str
    begun: int
    left: int
    percent: int

    @property
    def url(self) -> str:
        return reverse("admin:insight-content", args=[self.content_id])


def dropouts(filters: Filters, now: datetime) -> list[Dropout]:
    """The contents that the largest shares of learners left unfinished two weeks ago or more.

    Only contents that at least five learners began, and one in a hundred left.
    """
    rows = ContentProgress.objects.filter(
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        content__retired_at=None,
        content__hidden=False,
    )
    left = Q(completed_at=None, last_event_at__lt=now - GONE_AFTER)
    counted = (
        filters.apply(rows, course="enrollment__course")
        .values("content_id")
        .annotate(begun=Count("pk"), gone=Count("pk", filter=left))
        .filter(begun__gte=MIN_SAMPLE, gone__gte=F("begun") / 100.0)
        .order_by(-(F("gone") * 1000 / F("begun")), "content_id")[:SHOWN]
    )
    try:
        statement, parameters = counted.query.sql_with_params()
    except EmptyResultSet:  # without courses Django needs no statement
        return []
    with connections[rows.db].cursor() as cursor:
        cursor.execute(_WITH_TITLES.format(counted=statement), parameters)
        found = cursor.fetchall()
    return [
        Dropout(pk, title, course, begun, gone, share(gone, begun))
        for pk, title, course, begun, gone in found
    ]
