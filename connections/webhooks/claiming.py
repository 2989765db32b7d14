"""Which delivery is sent next, and what became of it: the rows of deliveries and endpoints.

A process claims a delivery for a minute. While it waits, claimed or not, no later one of the same
learner goes to the same endpoint. So a process that is killed loses nothing and changes no order;
the delivery is sent again under the same id when the claim has expired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from connections import event_types
from connections.events.publishing import visible_ids
from connections.models import Attempt, Delivery, Endpoint

from . import endpoints, messages, retrying
from .sending import SendResult

LEASE = timedelta(seconds=60)
PAGE = 50
INTERRUPTED = "The process ended before there was an answer; the event may have arrived."
NOT_VISIBLE = "The owner of the endpoint may no longer see this learner."
UNREADABLE = "Its secret can't be read with today's SECRET_KEY. Rotate it, then enable it again."
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process sends: everything that sending needs, without the database."""

    delivery_id: int
    endpoint_id: int
    attempt: int
    message_id: str
    url: str
    body: bytes
    secrets: tuple[str, ...]
    is_failing: bool = False  # the endpoint, when it was claimed


def due_endpoints(now: datetime) -> list[Endpoint]:
    """The endpoints that something is due for."""
    due = Delivery.objects.waiting().filter(next_at__lte=now).values("endpoint_id")
    rows = Endpoint.objects.enabled().filter(pk__in=due).exclude(retry_at__gt=now)
    return list(rows.select_related("owner").order_by("pk"))


@transaction.atomic
def claim(endpoint: Endpoint, now: datetime, *, limit: int) -> list[Claim]:
    """Claims up to `limit` deliveries of an endpoint. Raises UnreadableSecret."""
    secrets = endpoints.secrets_in_use(endpoint, now)
    found = _lock_eligible(endpoint, now, limit)
    visible = visible_ids([each.event for each in found], endpoint.owner) if found else set()
    claims = []
    for delivery in found:
        if delivery.event.type != event_types.PING and delivery.event_id not in visible:
            _give_up(delivery, NOT_VISIBLE, now)
            continue
        _note_interruption(delivery)
        delivery.attempts += 1
        delivery.first_try_at = delivery.first_try_at or now
        delivery.claimed_until = now + LEASE
        delivery.body = delivery.body or messages.body(delivery.event, endpoint.payload)
        delivery.save(update_fields=["attempts", "first_try_at", "claimed_until", "body"])
        claims.append(_claim_of(delivery, endpoint, secrets))
    return claims


def _lock_eligible(endpoint: Endpoint, now: datetime, limit: int) -> list[Delivery]:
    """The next deliveries, locked. Looks at a page of what is due at a time: whether an earlier one
    waits is asked for those alone, however many wait."""
    due = Delivery.objects.waiting().filter(endpoint=endpoint, next_at__lte=now)
    rows = due.order_by("next_at", "position").values_list("next_at", "position", "pk")
    found: list[Delivery] = []
    page = list(rows[:PAGE])
    while page and len(found) < limit:
        eligible = Delivery.objects.eligible(now).filter(pk__in=[pk for _, _, pk in page])
        found += (
            eligible.select_related("event")
            .select_for_update(skip_locked=True, of=("self",))
            .order_by("next_at", "position")[: limit - len(found)]
        )
        moment, position, _pk = page[-1]
        later = Q(next_at__gt=moment) | Q(next_at=moment, position__gt=position)
        page = list(rows.filter(later)[:PAGE]) if len(page) == PAGE else []
    return found


def _claim_of(delivery: Delivery, endpoint: Endpoint, secrets: Sequence[str]) -> Claim:
    return Claim(
        delivery.pk,
        endpoint.pk,
        delivery.attempts,
        delivery.event.public_id,
        endpoint.url,
        delivery.body.encode(),
        tuple(secrets),
        endpoint.failures_in_a_row > 0,
    )


def _give_up(delivery: Delivery, error: str, now: datetime) -> None:
    delivery.state, delivery.settled_at, delivery.last_error = State.FAILED, now, error
    delivery.claimed_until = None
    delivery.save(update_fields=["state", "settled_at", "last_error", "claimed_until"])


def _note_interruption(delivery: Delivery) -> None:
    """A claim that has expired: its process didn't come to settle it."""
    if delivery.claimed_until is not None:
        Attempt.objects.create(
            delivery=delivery,
            number=delivery.attempts,
            started_at=delivery.claimed_until - LEASE,
            duration_ms=0,
            error=INTERRUPTED,
        )


@transaction.atomic
def settle(claimed: Claim, answer: SendResult, started_at: datetime, now: datetime) -> None:
    """Records an answer, with the delivery and its endpoint; nothing if the claim was lost."""
    # The endpoint first, as everywhere.
    endpoint = Endpoint.objects.select_for_update().filter(pk=claimed.endpoint_id).first()
    delivery = (
        Delivery.objects.waiting()
        .select_for_update()
        .filter(pk=claimed.delivery_id, attempts=claimed.attempt)
        .first()
    )
    if endpoint is None or delivery is None:
        return
    Attempt.objects.create(
        delivery=delivery,
        number=claimed.attempt,
        started_at=started_at,
        duration_ms=answer.duration_ms,
        status=answer.status,
        answer=answer.body,
        error=answer.error,
    )
    _settle_delivery(delivery, answer, now)
    if answer.is_success:
        endpoints.note_success(endpoint, now)
    else:
        endpoints.note_failure(endpoint, answer, now)


def _settle_delivery(delivery: Delivery, answer: SendResult, now: datetime) -> None:
    delivery.claimed_until = None
    delivery.last_status, delivery.last_error = answer.status, answer.error
    if answer.is_success:
        delivery.state, delivery.settled_at = State.SENT, now
    else:
        again = retrying.next_try(delivery.attempts, delivery.first_try_at, now, answer.retry_after)
        if again is None:
            delivery.state, delivery.settled_at = State.FAILED, now
            delivery.last_error = f"Given up after three days: {answer.error}"[:500]
        else:
            delivery.next_at = again
    delivery.save(
        update_fields=[
            "claimed_until",
            "last_status",
            "last_error",
            "state",
            "settled_at",
            "next_at",
        ]
    )


def disable_unreadable(endpoint: Endpoint, now: datetime) -> None:
    """An endpoint whose secret can't be read can't be sent anything until it has another."""
    endpoints.disable(endpoint.pk, UNREADABLE, now, notify=True)
