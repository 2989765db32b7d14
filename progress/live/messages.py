"""The messages of a stream: an answer's `contents`, `modules`, `course` and `certificate`."""

from collections.abc import Mapping

import msgspec
from django.core.serializers.json import DjangoJSONEncoder

KEEP_ALIVE = b": still here\n\n"


def render(body: Mapping) -> str:
    """Returns `body` as JSON on one line."""
    return _encode(body).decode()


# The hook is for what is translated only when it is read.
_encode = msgspec.json.Encoder(enc_hook=DjangoJSONEncoder().default).encode


def frame(kind: str, body: str, message_id: str | None) -> bytes:
    """Returns a server-sent event; without an id the client keeps the last one it had."""
    head = f"id: {message_id}\n" if message_id else ""
    return f"{head}event: {kind}\ndata: {body}\n\n".encode()


def order_of(message_id: str) -> tuple[int, int]:
    """Returns the broker's id `<ms>-<n>` as numbers, to compare. Raises ValueError for others."""
    ms, _, number = message_id.partition("-")
    return int(ms), int(number or 0)


def age_of(body: Mapping) -> int | None:
    """Returns how many of the enrolment's events `body` includes; more events mean it is newer."""
    course = body.get("course") or {}
    return course.get("event_count")
