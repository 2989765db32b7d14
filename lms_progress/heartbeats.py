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
from collections.abc import Awaitable, Callable
from functools import cache

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import resolve
from rest_framework.exceptions import APIException
from rest_framework.utils.encoders import JSONEncoder

from lms_progress.logs import REQUEST_ID
from lms_progress.metrics import SECONDS
from progress import ingest
from progress.api import errors
from progress.api.employee.envelope import MAX_BODY_BYTES
from progress.api.employee.report import Unusual, read_report, update_payload
from progress.api.error_response import error_response
from progress.validation.error_payload import error_payload

logger = structlog.get_logger(__name__)

PATHS = {"/api/employee/update_progress", "/api/employee/update_progress/"}
SLOW_BODY_SECONDS = 10
_ACCEPTED = {b"*/*", b"application/json", b"application/json, */*", b"application/json,*/*"}
_CONTENT_TYPES = {b"application/json", b"text/plain"}

Application = Callable[[dict, Callable, Callable], Awaitable[None]]


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
            envelope, delivery = read_report(body, _token(headers))
            status, payload = await _record(envelope, delivery, headers)
        except Unusual:
            return await self._otherwise(scope, _replay(body, receive, more=False), send)
        await _answer(send, status, payload)
        labels = SECONDS.labels(_route(), "POST", f"{status // 100}xx")
        labels.observe(time.perf_counter() - began)


async def _record(envelope, delivery: ingest.Delivery, headers) -> tuple[int, dict]:
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
def _is_ordinary(scope: dict, headers: dict[bytes, bytes]) -> bool:
    """Whether the request's head is such that Django's middleware would have nothing to add."""
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    length = headers.get(b"content-length", b"")
    credential = headers.get(b"authorization")
    host = headers.get(b"host", b"")
    return (
        kind in _CONTENT_TYPES
        and length.isdigit()
        and int(length) <= MAX_BODY_BYTES
        and headers.get(b"accept", b"*/*") in _ACCEPTED
        and (credential is None or credential[:8].lower() == b"session ")
        and b"content-encoding" not in headers
        and _is_known_host(host)
        and _is_own_page(headers, host)
        and (not settings.SECURE_SSL_REDIRECT or _is_secure(scope, headers))
    )


@cache
def _is_known_host(host: bytes) -> bool:
    domain, _port = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _is_own_page(headers: dict[bytes, bytes], host: bytes) -> bool:
    """Browsers name a page's origin with every POST, also to its own site."""
    origin = headers.get(b"origin")
    return origin is None or origin in {b"http://" + host, b"https://" + host}


def _is_secure(scope: dict, headers: dict[bytes, bytes]) -> bool:
    return scope.get("scheme") == "https" or headers.get(b"x-forwarded-proto") == b"https"


def _token(headers: dict[bytes, bytes]) -> str | None:
    credential = headers.get(b"authorization")
    return None if credential is None else credential[8:].decode("latin-1").strip()


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


async def _answer(send, status: int, payload: dict) -> None:
    body = _encode(payload).encode()
    headers = [*_steady_headers(), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", str(errors.Unavailable.wait).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@cache
def _steady_headers() -> list[tuple[bytes, bytes]]:
    """What Django's middleware and DRF add to every answer of this address."""

    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(content_type="application/json")
        response["Vary"] = "Accept, Accept-Language, origin"
        response["Allow"] = "POST, OPTIONS"
        response["Content-Language"] = settings.LANGUAGE_CODE
        return response

    request = HttpRequest()
    request.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.META["HTTP_X_FORWARDED_PROTO"] = "https"
    response = SecurityMiddleware(CSPMiddleware(XFrameOptionsMiddleware(view)))(request)
    return [(k.lower().encode(), v.encode()) for k, v in response.items()]


@cache
def _route() -> str:
    return resolve("/api/employee/update_progress").route


def _log(status: int, headers: dict[bytes, bytes]) -> None:
    """A line for a refused or failed report, as for every other request."""
    asked = headers.get(b"x-request-id", b"").decode("latin-1")
    request_id = asked if REQUEST_ID.fullmatch(asked) else str(uuid.uuid4())
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        level = logging.ERROR if status >= 500 else logging.WARNING
        logger.log(
            level, "request_finished", code=status, request="POST /api/employee/update_progress"
        )
