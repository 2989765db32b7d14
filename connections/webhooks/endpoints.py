"""The one writer of endpoints, and of what their owners ask for: ping, replay, send again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet

from connections import event_types
from connections.events import publishing
from connections.models import Delivery, Endpoint, Event
from progress.mail import outgoing
from progress.models import User

from . import retrying, signing
from .sending import SendResult

CHUNK = 1000
MAX_REPLAYED = 10_000
DISABLED = "webhook_disabled"
GONE = 410


class TooManyEndpoints(Exception):
    """The owner has as many as are allowed."""


class TooManyEvents(Exception):
    """A replay of more than `MAX_REPLAYED` events."""


# --- Endpoints -----------------------------------------------------------------------------------
def max_endpoints() -> int:
    """How many endpoints a person may have."""
    return settings.WEBHOOK_MAX_ENDPOINTS


@transaction.atomic
def create(owner: User, values: dict, now: datetime) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown this once. Raises TooManyEndpoints."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
    if Endpoint.objects.filter(owner=owner).count() >= max_endpoints():
        raise TooManyEndpoints
    secret = signing.new_secret()
    endpoint = Endpoint.objects.create(
        owner=owner, secret=signing.encrypt(secret), created_at=now, **values
    )
    return endpoint, secret


@transaction.atomic
def rotate(endpoint_id: int, now: datetime) -> tuple[Endpoint, str]:
    """Gives a new secret; the one before signs as well for WEBHOOK_ROTATION_HOURS."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    secret = signing.new_secret()
    endpoint.previous_secret = endpoint.secret
    endpoint.previous_until = now + timedelta(hours=settings.WEBHOOK_ROTATION_HOURS)
    endpoint.secret = signing.encrypt(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    return endpoint, secret


def secrets_in_use(endpoint: Endpoint, now: datetime) -> list[str]:
    """The newest secret first; while it is rotated, also the one before. Raises UnreadableSecret.

    One before that can't be read any more is left out: the new one signs all the same.
    """
    found = [signing.decrypt(endpoint.secret)]
    if endpoint.previous_until is not None and now < endpoint.previous_until:
        try:
            found.append(signing.decrypt(endpoint.previous_secret))
        except signing.UnreadableSecret:
            pass  # nothing can be done about it, and the receiver may know the new one already
    return found


def change(endpoint: Endpoint, values: dict) -> None:
    """Changes what its owner may choose."""
    Endpoint.objects.filter(pk=endpoint.pk).update(**values)


@transaction.atomic
def delete(endpoint: Endpoint) -> None:
    """Deletes an endpoint with its log."""
    Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    endpoint.delete()


def enable(endpoint_id: int) -> None:
    """Enables an endpoint as if it had never failed; what it missed can be replayed."""
    Endpoint.objects.filter(pk=endpoint_id).update(
        disabled_at=None,
        disabled_reason="",
        failing_since=None,
        failures_in_a_row=0,
        retry_at=None,
    )


@transaction.atomic
def disable(endpoint_id: int, reason: str, now: datetime, *, notify: bool = False) -> None:
    """Stops an endpoint. What waits for it counts as not sent, and can be replayed later."""
    changed = Endpoint.objects.filter(pk=endpoint_id, disabled_at=None).update(
        disabled_at=now, disabled_reason=reason[:500]
    )
    if not changed:
        return
    Delivery.objects.waiting().filter(endpoint=endpoint_id).update(
        state=Delivery.State.FAILED,
        settled_at=now,
        claimed_until=None,
        last_error="The endpoint was disabled.",
    )
    if notify:
        key = f"{endpoint_id} {now.isoformat()}"
        outgoing.queue(DISABLED, [(key, {"endpoint_id": endpoint_id})], now)
        outgoing.send_soon()


def note_success(endpoint: Endpoint, now: datetime) -> None:
    """Records an answer of a locked endpoint; one that had been left alone gets all that waits."""
    if endpoint.failures_in_a_row >= retrying.FAILURES_BEFORE_PAUSE:
        Delivery.objects.waiting().filter(endpoint=endpoint, next_at__gt=now).update(next_at=now)
    endpoint.last_success_at, endpoint.failing_since = now, None
    endpoint.failures_in_a_row, endpoint.retry_at = 0, None
    _save_health(endpoint)


def note_failure(endpoint: Endpoint, answer: SendResult, now: datetime) -> None:
    """Records a failure of a locked endpoint: leaves it alone for a while, or disables it."""
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.failures_in_a_row += 1
    pause = retrying.pause(endpoint.failures_in_a_row)
    endpoint.retry_at = now + pause if pause else None
    _save_health(endpoint)
    if answer.status == GONE:
        disable(endpoint.pk, "It answered 410: it is gone.", now, notify=True)
    elif now - endpoint.failing_since >= retrying.GIVEN_UP_AFTER:
        reason = f"It has failed for three days. Last: {answer.error}"
        disable(endpoint.pk, reason, now, notify=True)


def _save_health(endpoint: Endpoint) -> None:
    endpoint.save(
        update_fields=["last_success_at", "failing_since", "failures_in_a_row", "retry_at"]
    )


# --- The notice to the owner -----------------------------------------------------------------
def compose_notice(payload: dict, now: datetime) -> EmailMessage | str:
    rows = Endpoint.objects.select_related("owner")
    endpoint = rows.filter(pk=payload["endpoint_id"]).first()
    if endpoint is None:
        return "The endpoint is gone."
    if endpoint.is_enabled:
        return "It has been enabled again in the meantime."
    if not endpoint.owner.email or not endpoint.owner.is_active:
        return "Its owner has no email address."
    body = (
        f"The webhook endpoint {endpoint.url} was disabled.\n\n{endpoint.disabled_reason}\n\n"
        f"Nothing is sent to it any more. When it works again, enable it, and have the events sent"
        f" that it missed:\n\nPATCH {settings.PUBLIC_URL}/api/webhooks/{endpoint.pk}/"
        f'  {{"enabled": true}}\nPOST {settings.PUBLIC_URL}/api/webhooks/{endpoint.pk}/replay/\n'
    )
    return EmailMessage("A webhook endpoint was disabled", body, to=[endpoint.owner.email])


outgoing.register(DISABLED, outgoing.Kind(compose_notice))


# --- Ping, replay, send again ----------------------------------------------------------------
@transaction.atomic
def ping(endpoint: Endpoint, now: datetime) -> Delivery:
    """Has a test event sent to one endpoint, at once and whatever it subscribes to.

    While one waits to be sent, there is no second.
    """
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    try_now(locked)
    waiting = locked.deliveries.waiting().filter(event__type=event_types.PING).first()
    if waiting is not None:
        Delivery.objects.filter(pk=waiting.pk).update(next_at=now)
        return waiting
    event = Event.objects.create(
        type=event_types.PING, subject=str(endpoint.pk), recorded_at=now, user_id=None
    )
    publishing.publish_one(event)
    delivery = publishing.new_delivery(endpoint, event, now)
    delivery.save(force_insert=True)
    return delivery


def try_now(endpoint: Endpoint) -> None:
    """Ends an endpoint's pause: its owner says that it works, and the next failure begins another.

    It still gets one request at a time until one succeeds.
    """
    Endpoint.objects.filter(pk=endpoint.pk).update(retry_at=None)


def replay(endpoint: Endpoint, since: datetime, until: datetime, now: datetime) -> int:
    """Has the events of a period sent again, in their order, under their ids; returns how many.

    Also those that were never sent. Raises TooManyEvents.
    """
    events = (
        Event.objects.published()
        .filter(recorded_at__gte=since, recorded_at__lte=until)
        .visible_to(endpoint.reader)
    )
    if event_types.ALL not in endpoint.events:
        events = events.filter(type__in=endpoint.events)
    ids = list(events.values_list("pk", flat=True)[: MAX_REPLAYED + 1])
    if len(ids) > MAX_REPLAYED:
        raise TooManyEvents
    for at in range(0, len(ids), CHUNK):
        _replay(endpoint, ids[at : at + CHUNK], now)
    try_now(endpoint)
    return len(ids)


@transaction.atomic
def _replay(endpoint: Endpoint, event_ids: list[int], now: datetime) -> None:
    send_again(Delivery.objects.filter(endpoint=endpoint, event__in=event_ids), now)
    missing = Event.objects.filter(pk__in=event_ids).exclude(deliveries__endpoint=endpoint)
    Delivery.objects.bulk_create(
        [publishing.new_delivery(endpoint, event, now) for event in missing],
        ignore_conflicts=True,
    )


def send_again(deliveries: QuerySet[Delivery] | Iterable, now: datetime) -> int:
    """Puts deliveries back into the queue, due at once; those that wait stay. Returns how many."""
    settled = deliveries.exclude(state=Delivery.State.WAITING)
    return settled.update(
        state=Delivery.State.WAITING,
        first_try_at=None,
        next_at=now,
        settled_at=None,
        claimed_until=None,
    )
