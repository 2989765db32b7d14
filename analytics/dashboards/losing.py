"""Contents that lose people: begun, not finished, and left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q
from django.urls import reverse

from progress.models import ContentProgress

from .figures import share
from .filters import Chosen
from .scope import SMALLEST_GROUP

GONE_AFTER = timedelta(days=14)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Losing:
    content_id: int
    title: str
    course: str
    begun: int
    left: int
    percent: int

    @property
    def url(self) -> str:
        return reverse("admin:insight-content", args=[self.content_id])


def losing(chosen: Chosen, now: datetime) -> list[Losing]:
    """The contents that most of those who began them left two weeks ago or more, unfinished.

    Of contents that at least five learners began.
    """
    rows = ContentProgress.objects.filter(
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        content__retired_at=None,
        content__hidden=False,
    )
    left = Q(completed_at=None, last_event_at__lt=now - GONE_AFTER)
    # A content has one title; to group by it, too, would cost three times as much.
    counted = (
        chosen.narrow(rows, course="enrollment__course")
        .values_list("content_id")
        .annotate(
            title=Max("content__title"),
            course=Max("content__module__course__title"),
            begun=Count("pk"),
            left=Count("pk", filter=left),
        )
        .filter(begun__gte=SMALLEST_GROUP, left__gt=0)
        .order_by(-(F("left") * 1000 / F("begun")), "content_id")[:SHOWN]
    )
    return [
        Losing(pk, title, course, begun, gone, share(gone, begun))
        for pk, title, course, begun, gone in counted
    ]
