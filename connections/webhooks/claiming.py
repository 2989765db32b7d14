"""Which delivery is sent next, and what became of it: the rows of deliveries and endpoints.

A process claims a delivery for a minute. While it waits, claimed or not, no later one of the same
learner goes to the same endpoint. So a process that is killed loses nothing and changes no order;
the delivery is sent again under the same id when the claim has expired.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from connections import event_types
from connections.events.publishing import visible_ids
from connections.models import Attempt, Delivery, Endpoint

from . import endpoints, messages, retrying
from .sending import SendResult

LEASE = timedelta(seconds=60)
SPARE = timedelta(seconds=45)  # must be left of it when a request begins; longer than any may take
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
    claimed_until: datetime
    is_failing: bool  # the endpoint, when it was claimed


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a request."""

    claimed: Claim
    result: SendResult
    started_at: datetime


def due_endpoints(now: datetime) -> list[Endpoint]:
    """The endpoints that something is due for."""
    due = Delivery.objects.waiting().filter(endpoint=OuterRef("pk"), next_at__lte=now)
    rows = Endpoint.objects.enabled().filter(Exists(due)).exclude(retry_at__gt=now)
    return list(rows.select_related("owner").order_by("pk"))


@transaction.atomic
def claim(endpoint: Endpoint, now: datetime, *, limit: int) -> list[Claim]:
    """Claims up to `limit` deliveries of an endpoint. Raises UnreadableSecret."""
    secrets = endpoints.secrets_in_use(endpoint, now)
    found = _lock_eligible(endpoint, now, limit)
    visible = visible_ids([each.event for each in found], endpoint.owner) if found else set()
    allowed = [each for each in found if _may_be_sent(each, visible)]
    _give_up([each for each in found if not _may_be_sent(each, visible)], NOT_VISIBLE, now)
    _note_interruptions(allowed)
    for delivery in allowed:
        delivery.attempts += 1
        delivery.claimed_until = now + LEASE
        delivery.body = delivery.body or messages.body(delivery.event, endpoint.payload)
    _save_claims(allowed, now)
    return [_claim_of(each, endpoint, secrets) for each in allowed]


def _may_be_sent(delivery: Delivery, visible: Collection[int]) -> bool:
    return delivery.event.type == event_types.PING or delivery.event_id in visible


def release(claims: Iterable[Claim]) -> None:
    """Gives back deliveries of which no request began, as if they hadn't been claimed."""
    for claimed in claims:
        values = {"claimed_until": None, "attempts": claimed.attempt - 1}
        if claimed.attempt == 1:
            values["first_try_at"] = None
        still = Delivery.objects.waiting().filter(pk=claimed.delivery_id, attempts=claimed.attempt)
        still.update(**values)


def _save_claims(deliveries: Sequence[Delivery], now: datetime) -> None:
    """In one statement; `bulk_update` takes longer than all the rest of a claim."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE connections_delivery SET attempts = attempts + 1, claimed_until = %s,"
            " first_try_at = coalesce(first_try_at, %s), body = claimed.body"
            " FROM unnest(%s::bigint[], %s::text[]) AS claimed (id, body)"
            " WHERE connections_delivery.id = claimed.id",
            [
                now + LEASE,
                now,
                [each.pk for each in deliveries],
                [each.body for each in deliveries],
            ],
        )


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
        delivery.claimed_until,
        endpoint.failures_in_a_row > 0,
    )


def _give_up(deliveries: Sequence[Delivery], error: str, now: datetime) -> None:
    Delivery.objects.filter(pk__in=[each.pk for each in deliveries]).update(
        state=State.FAILED, settled_at=now, last_error=error, claimed_until=None
    )


def _note_interruptions(deliveries: Iterable[Delivery]) -> None:
    """Claims that have expired: their process didn't come to settle them."""
    Attempt.objects.bulk_create(
        Attempt(
            delivery=delivery,
            number=delivery.attempts,
            started_at=delivery.claimed_until - LEASE,
            duration_ms=0,
            error=INTERRUPTED,
        )
        for delivery in deliveries
        if delivery.claimed_until is not None
    )


@transaction.atomic
def settle(endpoint_id: int, answers: Sequence[Answered], now: datetime) -> None:
    """Records answers of one endpoint, with deliveries and endpoint; none whose claim was lost."""
    # The endpoint first, as everywhere.
    endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        return
    rows = Delivery.objects.waiting().select_for_update().order_by("pk")
    found = rows.in_bulk([each.claimed.delivery_id for each in answers])
    settled = [
        (found[each.claimed.delivery_id], each)
        for each in answers
        if each.claimed.delivery_id in found
        and found[each.claimed.delivery_id].attempts == each.claimed.attempt
    ]
    Attempt.objects.bulk_create(
        Attempt(
            delivery=delivery,
            number=each.claimed.attempt,
            started_at=each.started_at,
            duration_ms=each.result.duration_ms,
            status=each.result.status,
            answer=each.result.body,
            error=each.result.error,
        )
        for delivery, each in settled
    )
    _note_sent([(d, each.result) for d, each in settled if each.result.is_success], now)
    for delivery, each in settled:
        if not each.result.is_success:
            _note_failure(delivery, each.result, now)
    _note_health(endpoint, [each.result for _, each in settled], now)


def _note_health(endpoint: Endpoint, results: Sequence[SendResult], now: datetime) -> None:
    """One success says as much as many that came together."""
    failures = [each for each in results if not each.is_success]
    if len(failures) < len(results):
        endpoints.note_success(endpoint, now)
    for each in failures:
        endpoints.note_failure(endpoint, each, now)


def _note_sent(sent: Iterable[tuple[Delivery, SendResult]], now: datetime) -> None:
    by_status = defaultdict(list)
    for delivery, answer in sent:
        by_status[answer.status].append(delivery.pk)
    for status, ids in by_status.items():
        Delivery.objects.filter(pk__in=ids).update(
            state=State.SENT, settled_at=now, claimed_until=None, last_status=status, last_error=""
        )


def _note_failure(delivery: Delivery, answer: SendResult, now: datetime) -> None:
    delivery.claimed_until = None
    delivery.last_status, delivery.last_error = answer.status, answer.error
    # What is sent again begins anew, however often it was tried before.
    tries = delivery.tries.filter(started_at__gte=delivery.first_try_at).count()
    again = retrying.next_try(max(tries, 1), delivery.first_try_at, now, answer.retry_after)
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
