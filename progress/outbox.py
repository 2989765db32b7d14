"""What must leave the ground floor: a row first, then the signal, then the mark that it is sent.

A message is sent at once after commit when all is well; the sweep sends what is left. It may be
sent twice, so receivers are idempotent.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from progress import signals
from progress.models import OutboxMessage

logger = logging.getLogger(__name__)
_SIGNALS = {"course_completed": signals.course_completed}


def send_soon(message_ids: Iterable[int]) -> None:
    """Hand messages to a worker. A broker that is down is no error: the sweep comes by."""
    from progress.tasks import send_outbox_messages

    try:
        send_outbox_messages.apply_async([list(message_ids)], retry=False)
    except send_outbox_messages.OperationalError:
        logger.warning("The broker is out of reach; the outbox sweep will send %s.", message_ids)


def send(message_ids: Iterable[int], now: datetime | None = None) -> int:
    """Send these messages unless they are sent; answers how many were."""
    return _send(OutboxMessage.objects.filter(pk__in=list(message_ids)), now or timezone.now())


def send_unsent(now: datetime, *, limit: int = 500) -> int:
    """The sweep: send what is left, oldest first. Safe twice at once."""
    return _send(OutboxMessage.objects.all(), now, limit)


def _send(messages: QuerySet[OutboxMessage], now: datetime, limit: int | None = None) -> int:
    """Messages in someone else's hands are passed over."""
    sent = 0
    with transaction.atomic():
        unsent = messages.filter(sent_at=None).order_by("attempts", "pk")
        for message in unsent.select_for_update(skip_locked=True)[:limit]:
            message.attempts += 1
            if _tell(message):
                message.sent_at = now
                sent += 1
            message.save(update_fields=["attempts", "sent_at"])
    return sent


def _tell(message: OutboxMessage) -> bool:
    """Send the message's signal; False when a receiver failed, so that it is tried again."""
    told = _SIGNALS[message.kind].send_robust(sender=OutboxMessage, **message.payload)
    failed = [(receiver, error) for receiver, error in told if isinstance(error, Exception)]
    for receiver, error in failed:
        logger.error("outbox %s: %s failed", message.pk, receiver.__qualname__, exc_info=error)
    return not failed
