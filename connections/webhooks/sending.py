"""One POST to an address that may be hostile: bounded in time and size, never redirected."""

import http.client
import math
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings

from progress.operations.bounded_http import (
    Deadline,
    DeadlinePassed,
    TooLong,
    connect,
    request_head,
    response_from,
)
from progress.operations.public_addresses import ForbiddenAddress

MAX_ANSWER_BYTES = 16_384  # of a body, and kept
MAX_READ_BYTES = 262_144  # of an answer, its headers included
USER_AGENT = "learning-progress-webhooks/1"
NUL = "\x00"


@dataclass(frozen=True, slots=True)
class SendResult:
    """What came back: a status and the beginning of the body, or an error without a status."""

    status: int | None
    body: str = ""
    error: str = ""
    retry_after: int | None = None
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.error


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> SendResult:
    """Sends `body`; never raises for what the other side, or the network, does."""
    began = time.monotonic()
    try:
        status, text, retry_after = _exchange(url, body, headers, Deadline(seconds))
        error = _error_of(status)
    except (OSError, http.client.HTTPException, ForbiddenAddress, ValueError) as failure:
        status, text, retry_after, error = None, "", None, _reason(failure, seconds)
    lasted = int((time.monotonic() - began) * 1000)
    return SendResult(status, text, error, retry_after, lasted)


def _error_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"Answered {status}: redirects are not followed."
    return f"Answered {status}."


def _reason(failure: Exception, seconds: float) -> str:
    if isinstance(failure, DeadlinePassed | TimeoutError):
        return f"No complete answer within {seconds:g} seconds."
    if isinstance(failure, ForbiddenAddress | TooLong):
        return str(failure)
    if isinstance(failure, ssl.SSLError):
        return f"TLS: {failure.reason or failure}"[:500]
    if isinstance(failure, http.client.HTTPException):
        return f"Not an HTTP answer ({type(failure).__name__})."
    return f"{type(failure).__name__}: {failure}"[:500].replace(NUL, "")


def _exchange(
    url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline
) -> tuple[int, str, int | None]:
    parts = urlsplit(url)
    allow_private = settings.WEBHOOK_ALLOW_PRIVATE
    with connect(parts, deadline, allow_private=allow_private) as connected:
        connected.settimeout(deadline.left())
        connected.sendall(request_head("POST", parts, _with_own(headers, body)) + body)
        response = response_from(connected, deadline, max_bytes=MAX_READ_BYTES, method="POST")
        try:
            response.begin()
            return response.status, _beginning(response), _retry_after(response)
        finally:
            response.close()


def _with_own(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    return {
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }


def _beginning(response: http.client.HTTPResponse) -> str:
    """The beginning of the body; what follows is left unread."""
    try:
        raw = response.read(MAX_ANSWER_BYTES)
    except http.client.IncompleteRead as broken_off:
        raw = broken_off.partial
    except (DeadlinePassed, TimeoutError):
        if 200 <= response.status < 300:
            raise
        raw = b""  # it is a failure anyway, and the status says which
    return raw.decode("utf-8", "replace").replace(NUL, "")


def _retry_after(response: http.client.HTTPResponse) -> int | None:
    """Seconds, or a moment (RFC 9110, section 10.2.3); None for neither."""
    value = (response.getheader("Retry-After") or "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        return None  # it names no zone that is known
    return max(math.ceil(until.timestamp() - time.time()), 0)
