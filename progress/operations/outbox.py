"""Messages to the apps above, sent soon after commit, and by the sweep where that failed."""

import logging
from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from progress import signals
from progress.models import OutboxMessage
from progress.operations import broker

logger = logging.getLogger(__name__)

SIGNALS = {
    "course_completed": signals.course_completed,
    "course_regraded": signals.course_regraded,
    "person_invited": signals.person_invited,
}
CHUNK = 500


class ReceiverFailed(Exception):
    """A receiver of the signal raised; its error is the cause."""


def send_soon(message_ids: list[int]) -> None:
    """Has a worker send these. Call it after commit. Never raises; the sweep sends what is left."""
    broker.enqueue(send_messages, message_ids)


@shared_task(name="progress.tasks.send_messages")
def send_messages(message_ids: list[int]) -> None:
    """Send these messages: the task of `send_soon`."""
    send(message_ids)


def send_unsent(now: datetime, *, limit: int) -> int:
    """Sends up to `limit` due messages; returns how many. What fails is due again later."""
    sent = tried = last_id = 0
    while tried < limit:
        due = OutboxMessage.objects.due(now).filter(pk__gt=last_id).order_by("pk")
        ids = list(due.values_list("pk", flat=True)[: min(CHUNK, limit - tried)])
        if not ids:
            break
        sent += send(ids, now)
        tried, last_id = tried + len(ids), ids[-1]
    return sent


def send(message_ids: Iterable[int], now: datetime | None = None) -> int:
    """Sends those of the messages that aren't sent yet; returns how many. Safe twice at once."""
    return sum(_send_one(message_id, now or timezone.now()) for message_id in message_ids)


def send_again(messages, now: datetime) -> int:
    """Puts messages that were set aside back into the queue, due at once; returns how many."""
    return messages.exclude(set_aside_at=None).update(set_aside_at=None, retry_at=now, attempts=0)


def silence_events() -> None:
    """Within this transaction, what is written makes no events for other systems: it is history."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('progress.bulk', 'on', true)")


def _send_one(message_id: int, now: datetime) -> bool:
    """Send one message and mark it, in one transaction with what the receivers write."""
    with transaction.atomic():
        message = (
            OutboxMessage.objects.waiting()
            .select_for_update(skip_locked=True)
            .filter(pk=message_id)
            .first()
        )
        if message is None:
            return False
        message.attempts += 1
        try:
            # Undoes what a failing receiver wrote, so that the mark below can still be made.
            with transaction.atomic():
                _send_signal(message)
        except (ReceiverFailed, KeyError) as error:
            logger.error("outbox message %s is not sent", message_id, exc_info=error)
            message.note_failure(now, _reason(error))
        else:
            message.sent_at, message.last_error = now, ""
        message.save(
            update_fields=["attempts", "sent_at", "retry_at", "set_aside_at", "last_error"]
        )
    return message.sent_at is not None


def _send_signal(message: OutboxMessage) -> None:
    """Sends the signal that the message names. Raises ReceiverFailed; KeyError for no such kind."""
    results = SIGNALS[message.kind].send_robust(sender=OutboxMessage, **message.payload)
    for receiver, result in results:
        if isinstance(result, Exception):
            raise ReceiverFailed(f"{receiver!r} failed at {message}") from result


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"Nothing sends messages of kind {error}."
    return f"{error}: {error.__cause__!r}"[:2000]
