"""How many learners began each content, and how many of them left it unfinished.

Whether a learner has left changes by the day, not by the minute: everything is counted anew once an
hour, by one statement.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from analytics.facts import store
from analytics.models import ContentDropout
from progress.models import ContentProgress, marks

GONE_AFTER = timedelta(days=14)
EVERY = timedelta(hours=1)


def counted(rows: QuerySet[ContentProgress], now: datetime) -> QuerySet:
    """By content, how many current enrolments of `rows` `begun` it, and how many have `left`."""
    left = Q(completed_at=None, last_event_at__lt=now - GONE_AFTER)
    current = rows.filter(enrollment__is_current=True, enrollment__unenrolled_at=None)
    return (
        current.order_by()
        .values("content_id")
        .annotate(begun=Count("pk"), left=Count("pk", filter=left))
    )


def count_hourly(now: datetime) -> None:
    """Count, unless that was done within the hour before `now`."""
    counted_at = ContentDropout.objects.aggregate(latest=Max("counted_at"))["latest"]
    if counted_at is None or not now - EVERY < counted_at <= now:
        count(now)


@transaction.atomic
def count(now: datetime) -> None:
    store.lock()
    found = [
        ContentDropout(row["content_id"], row["begun"], row["left"], now)
        for row in counted(marks.counted(ContentProgress.objects.all()), now)
    ]
    ContentDropout.objects.exclude(pk__in=[row.pk for row in found]).delete()
    store.upsert(found, ["content"], ["begun", "left", "counted_at"])
