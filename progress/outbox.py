"""What must leave the ground floor: sent soon after commit, and by the sweep when that failed."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from progress import broker, signals
from progress.models import OutboxMessage

logger = logging.getLogger(__name__)

SIGNALS = {"course_completed": signals.course_completed}


class ReceiverFailed(Exception):
    """A receiver of the signal raised; its error is the cause."""


def send_soon(message_ids: list[int]) -> None:
    """After commit: have a worker send these. Never raises; the sweep sends what is left."""
    # The task imports this room.
    from progress.tasks import send_messages

    broker.enqueue(send_messages, message_ids)


def send_unsent(now: datetime, *, limit: int) -> int:
    """Send up to `limit` messages that nobody has sent yet; how many were."""
    waiting = OutboxMessage.objects.filter(sent_at=None)
    # One that keeps failing goes to the back of the queue.
    ids = waiting.order_by("attempts", "pk").values_list("pk", flat=True)[:limit]
    return send(list(ids), now)


def send(message_ids: Iterable[int], now: datetime | None = None) -> int:
    """Send those of the messages that aren't yet; how many were. Safe twice at once."""
    return sum(_send_one(message_id, now or timezone.now()) for message_id in message_ids)


def _send_one(message_id: int, now: datetime) -> bool:
    """Send one message and mark it, in one transaction with what the receivers write."""
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(pk=message_id, sent_at=None)
            .first()
        )
        if message is None:
            return False
        message.attempts += 1
        try:
            # Undoes what a failing receiver wrote, so that the mark below can still be made.
            with transaction.atomic():
                _tell(message)
        except (ReceiverFailed, KeyError) as error:
            logger.error("outbox message %s is not sent", message_id, exc_info=error)
        else:
            message.sent_at = now
        message.save(update_fields=["attempts", "sent_at"])
    return message.sent_at is not None


def _tell(message: OutboxMessage) -> None:
    """Send the signal that the message names. Raises ReceiverFailed; KeyError for no such kind."""
    answers = SIGNALS[message.kind].send_robust(sender=OutboxMessage, **message.payload)
    for receiver, answer in answers:
        if isinstance(answer, Exception):
            raise ReceiverFailed(f"{receiver!r} failed at {message}") from answer
