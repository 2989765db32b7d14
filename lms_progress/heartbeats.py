"""Ordinary reports of trackers, answered on the event loop before Django is asked.

A report is ordinary when a session's token sends JSON to `update_progress` from the site's own
pages or from no page at all. Whatever is unusual about one (another credential, a page of another
site, an error in its shape, a bucket that is nearly empty) goes to Django's view at the same
address, untouched; answers, errors, metrics and request ids are the same.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping

import structlog
from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException
from rest_framework.utils.encoders import JSONEncoder

from lms_progress.logs import REQUEST_ID
from lms_progress.tracker_requests import (
    Application,
    Headers,
    is_ordinary,
    note_duration,
    respond,
    token_of,
)
from progress import ingest
from progress.api import errors
from progress.api.employee.envelope import MAX_BODY_BYTES
from progress.api.employee.report import Unusual, read_report, update_payload
from progress.api.error_response import error_response
from progress.validation.error_payload import error_payload

logger = structlog.get_logger(__name__)

PATHS = {"/api/employee/update_progress", "/api/employee/update_progress/"}
SLOW_BODY_SECONDS = 10
_CONTENT_TYPES = {b"application/json", b"text/plain"}


class Heartbeats:
    """An ASGI application for `update_progress`; `otherwise` answers what is unusual."""

    def __init__(self, otherwise: Application):
        self._otherwise = otherwise

    def serves(self, scope: dict) -> bool:
        return (
            scope["type"] == "http"
            and scope["path"] in PATHS
            and scope["method"] == "POST"
            and not scope["query_string"]
        )

    async def __call__(self, scope, receive, send) -> None:
        began = time.perf_counter()
        headers = dict(scope["headers"])
        if not _is_ordinary(scope, headers):
            return await self._otherwise(scope, receive, send)
        body, is_whole = await _read(receive)
        if not is_whole:
            return await self._otherwise(scope, _replay(body, receive, more=True), send)
        try:
            envelope, delivery = read_report(body, token_of(headers))
            status, payload = await _record(envelope, delivery, headers)
        except Unusual:
            return await self._otherwise(scope, _replay(body, receive, more=False), send)
        body = _encode(payload).encode()
        await respond(send, status, body, request_headers=headers, allow="POST, OPTIONS")
        note_duration("/api/employee/update_progress", "POST", status, began)


async def _record(envelope, delivery: ingest.Delivery, headers) -> tuple[int, Mapping]:
    """The status and body. Raises Unusual for what changed nothing and Django explains."""
    try:
        receipt = await ingest.deliver_soon(delivery)
        return 200, update_payload(receipt, is_flat=envelope.is_flat)
    except (ingest.SessionUnknown, ingest.LearnerInactive, ingest.LearnerNotEnrolled):
        raise Unusual from None
    except APIException as error:
        response = error_response(error, {"request": None, "view": None})
        status, payload = response.status_code, response.data
    except (OperationalError, InterfaceError) as error:
        # The same as of Django's view: the database is away, and it is worth asking again.
        logger.error("the database can't answer", error=type(error).__name__)
        status, payload = _server_error(errors.Unavailable())
    except Exception:
        logger.exception("a report could not be recorded")
        status, payload = _server_error(errors.Failed())
    _log(status, headers)
    return status, payload


def _server_error(error: APIException) -> tuple[int, dict]:
    status = error.status_code
    return status, error_payload(status, error.default_code, str(error.detail))


# --- What is ordinary ----------------------------------------------------------------------------
def _is_ordinary(scope: dict, headers: Headers) -> bool:
    """Whether the request's head is such that Django's middleware would have nothing to add."""
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    length = headers.get(b"content-length", b"")
    return (
        kind in _CONTENT_TYPES
        and length.isdigit()
        and int(length) <= MAX_BODY_BYTES
        and is_ordinary(scope, headers)
    )


async def _read(receive) -> tuple[bytes, bool]:
    """The body so far, and whether it is whole: one that comes slowly isn't waited for here."""
    message = await receive()
    body = message.get("body", b"")
    try:
        async with asyncio.timeout(SLOW_BODY_SECONDS):
            while message["type"] == "http.request" and message.get("more_body", False):
                message = await receive()
                body += message.get("body", b"")
    except TimeoutError:
        return body, False
    return body, message["type"] == "http.request"


def _replay(body: bytes, receive, *, more: bool):
    """What Django's bridge receives: what was read already, then the rest."""
    is_first = True

    async def receive_again() -> dict:
        nonlocal is_first
        if is_first:
            is_first = False
            return {"type": "http.request", "body": body, "more_body": more}
        return await receive()

    return receive_again


# --- The answer ----------------------------------------------------------------------------------
# As DRF's renderer does it.
_encode = JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _log(status: int, headers: Headers) -> None:
    """A line for a refused or failed report, as for every other request."""
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        level = logging.ERROR if status >= 500 else logging.WARNING
        logger.log(
            level, "request_finished", code=status, request="POST /api/employee/update_progress"
        )
