"""Deletes events and deliveries whose time is over."""

from datetime import datetime, timedelta

from django.conf import settings

from connections.models import Event

CHUNK = 5000


def prune(now: datetime) -> int:
    """Deletes published events older than WEBHOOK_KEPT_DAYS with their deliveries; returns how
    many. What still waits is kept until it is settled."""
    long_ago = now - timedelta(days=settings.WEBHOOK_KEPT_DAYS)
    old = Event.objects.published().filter(recorded_at__lt=long_ago)
    old = old.exclude(deliveries__state="waiting")
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:CHUNK]):
        Event.objects.filter(pk__in=ids).delete()
        count += len(ids)
    return count
