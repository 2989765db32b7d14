"""Contents that lose people: begun, not finished, and left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q
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
    counted = (
        chosen.narrow(rows, course="enrollment__course")
        .values("content_id", "content__title", "content__module__course__title")
        .annotate(begun=Count("pk"), left=Count("pk", filter=left))
        .filter(begun__gte=SMALLEST_GROUP, left__gt=0)
        .order_by(-(F("left") * 1000 / F("begun")), "content_id")[:SHOWN]
    )
    return [
        Losing(
            row["content_id"],
            row["content__title"],
            row["content__module__course__title"],
            row["begun"],
            row["left"],
            share(row["left"], row["begun"]),
        )
        for row in counted
    ]
