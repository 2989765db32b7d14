"""How many tasks wait for a worker, and how long the first of them has been waiting."""

import json
import time
from dataclasses import dataclass

from celery import current_app
from django.conf import settings

SENT_AT = "sent_at"


@dataclass(frozen=True, slots=True)
class Queue:
    """`age_seconds` is None where the broker doesn't say (only Redis and Valkey do)."""

    name: str
    depth: int
    age_seconds: float | None


def stamp(headers: dict, **_) -> None:
    """Writes the time of sending into a task's message."""
    headers[SENT_AT] = time.time()


def waiting() -> list[Queue]:
    """Returns the default queue, and the tasks of lowest priority (`…-last`: certificates' files).

    Raises one of `broker.UNREACHABLE` if the broker can't be reached.
    """
    name = current_app.conf.task_default_queue
    with current_app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1, timeout=1)
        channel = connection.default_channel
        if not hasattr(channel, "client"):
            return [Queue(name, channel.queue_declare(name, passive=True).message_count, None)]
        # Redis has a list for each priority, under a key that kombu makes.
        last = channel._q_for_pri(name, settings.LAST_PRIORITY)
        return [_queue(channel.client, *each) for each in ((name, name), (f"{name}-last", last))]


def _queue(client, name: str, key: str) -> Queue:
    # The oldest is at the right end, from which workers take.
    depth, oldest = client.llen(key), client.lindex(key, -1)
    return Queue(name, depth, _age(oldest) if oldest else 0.0)


def _age(message: bytes) -> float:
    """Returns how long a message has been waiting; 0 if it doesn't say or can't be read."""
    try:
        sent_at = float(json.loads(message)["headers"][SENT_AT])
    except (ValueError, TypeError, KeyError):
        return 0.0
    return max(time.time() - sent_at, 0.0)
