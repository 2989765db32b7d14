"""Brings events into one order, gives them their payload, and plans their deliveries.

Only one process publishes at a time, and what it publishes becomes visible at once. So positions
never appear behind one that was there before: whoever polls by position skips nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from connections import event_types
from connections.models import ChangedProgress, Delivery, Endpoint, Event
from progress.models import CourseProgress, User

from . import payloads

CHUNK = 500


def publish_all(now: datetime) -> int:
    """Publishes everything that is new; returns how many events that was."""
    while write_progress(now) == CHUNK:
        pass
    count = 0
    while (published := publish(now)) > 0:
        count += published
        if published < CHUNK:
            break
    return count


@transaction.atomic
def write_progress(now: datetime) -> int:
    """Writes one `progress.updated` for each enrolment whose oldest change is old enough."""
    until = now - timedelta(seconds=settings.WEBHOOK_PROGRESS_SECONDS)
    due = ChangedProgress.objects.filter(changed_at__lte=until).select_for_update(skip_locked=True)
    marks = list(due.order_by("changed_at")[:CHUNK])
    ids = [mark.pk for mark in marks]
    ChangedProgress.objects.filter(pk__in=ids).delete()
    # Read after the marks were locked: a change that isn't visible yet holds, or makes, a mark.
    columns = ("completion_bp", "completed_at", "time_ms", "updated_at")
    rows = CourseProgress.objects.only("enrollment_id", *columns).in_bulk(ids)
    Event.objects.bulk_create(
        Event(
            type=event_types.PROGRESS_UPDATED,
            user_id=mark.user_id,
            course_id=mark.course_id,
            enrollment_id=mark.pk,
            facts=_progress_facts(rows[mark.pk]),
            recorded_at=now,
        )
        for mark in marks
        if mark.pk in rows
    )
    return len(marks)


def _progress_facts(progress: CourseProgress) -> dict:
    return {
        "completion_percentage": progress.completion_bp / 100,
        "is_complete": progress.completed_at is not None,
        "time_spent_seconds": progress.time_ms / 1000,
        "updated_at": progress.updated_at.isoformat(),
    }


@transaction.atomic
def publish(now: datetime, *, limit: int = CHUNK) -> int:
    """Publishes up to `limit` events; returns how many."""
    _hold_order()
    events = in_order(list(Event.objects.unpublished().order_by("pk")[:limit]))
    if not events:
        return 0
    _publish(events)
    _plan_deliveries(events, now)
    return len(events)


def _publish(events: Sequence[Event]) -> None:
    data = payloads.compose(events)
    for event, position in zip(events, _positions(len(events)), strict=True):
        event.position, event.data = position, data[event.pk]
    Event.objects.bulk_update(events, ["position", "data"])


def publish_one(event: Event) -> None:
    """Publishes one event, such as a ping, within the caller's transaction."""
    _hold_order()
    _publish([event])


def _hold_order() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('connections.publish', 0))")


def in_order(events: Sequence[Event]) -> list[Event]:
    """By transaction, in the order in which each began to write; within one, causes first."""
    first: dict[int, int] = {}
    for event in events:
        first.setdefault(event.transaction or -event.pk, event.pk)

    def key(event: Event) -> tuple:
        began = first[event.transaction or -event.pk]
        return began, event_types.RANK.get(event.type, len(event_types.RANK)), event.pk

    return sorted(events, key=key)


def _positions(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('connections_position') FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _plan_deliveries(events: Sequence[Event], now: datetime) -> None:
    visible: dict[tuple[int, bool], set[int]] = {}
    rows = []
    for endpoint in Endpoint.objects.enabled().select_related("owner"):
        wanted = [event for event in events if _is_for(event, endpoint)]
        reader = endpoint.owner_id, endpoint.is_test
        if wanted and reader not in visible:
            visible[reader] = visible_ids(events, endpoint.reader)
        rows += [
            new_delivery(endpoint, event, now) for event in wanted if event.pk in visible[reader]
        ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _is_for(event: Event, endpoint: Endpoint) -> bool:
    return event.recorded_at >= endpoint.created_at and wants(endpoint, event)


def wants(endpoint: Endpoint, event: Event) -> bool:
    return not {event_types.ALL, event.type}.isdisjoint(endpoint.events)


def visible_ids(events: Sequence[Event], reader: User) -> set[int]:
    """The keys of those events that the reader of an endpoint may see."""
    rows = Event.objects.filter(pk__in=[event.pk for event in events]).visible_to(reader)
    return set(rows.values_list("pk", flat=True))


def new_delivery(endpoint: Endpoint, event: Event, now: datetime) -> Delivery:
    return Delivery(
        endpoint=endpoint,
        event=event,
        user_id=event.user_id,
        position=event.position,
        created_at=now,
        next_at=now,
    )
