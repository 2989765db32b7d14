"""What the applications that answer trackers before Django have in common.

They answer what is ordinary: a session's token, or an API key where a session is started, sent from
the site's own pages or from no page at all. Answers, headers, errors, metrics and request ids are
those of Django's views at the same addresses; whatever is unusual about a request goes there
untouched.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Container, Iterable
from functools import cache, lru_cache
from io import BytesIO

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import resolve
from django.utils.translation import get_language_from_request
from prometheus_client import Histogram

from connections.inspector import watching
from lms_progress.metrics import SECONDS
from progress.api import errors
from progress.api.employee.envelope import MAX_BODY_BYTES

Application = Callable[[dict, Callable, Callable], Awaitable[None]]
Headers = dict[bytes, bytes]

SLOW_BODY_SECONDS = 10
_CONTENT_TYPES = {b"application/json", b"text/plain"}
_ACCEPTED = {b"*/*", b"application/json", b"application/json, */*", b"application/json,*/*"}


# --- What is ordinary ----------------------------------------------------------------------------
def is_ordinary(scope: dict, headers: Headers, *, scheme: bytes = b"session ") -> bool:
    """Whether a request's head is such that Django's middleware would have nothing to add.

    `scheme` is that of its credential, if the head has one.
    """
    credential = headers.get(b"authorization")
    host = headers.get(b"host", b"")
    return (
        headers.get(b"accept", b"*/*") in _ACCEPTED
        and (credential is None or credential[: len(scheme)].lower() == scheme)
        and b"content-encoding" not in headers
        and b"idempotency-key" not in headers
        and not watching.may_be_watched(credential)
        and _is_known_host(host)
        and _is_own_page(headers, host)
        and (not settings.SECURE_SSL_REDIRECT or _is_secure(scope, headers))
    )


@lru_cache(maxsize=1000)  # anybody may name any host
def _is_known_host(host: bytes) -> bool:
    domain, _port = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _is_own_page(headers: Headers, host: bytes) -> bool:
    """Browsers name a page's origin with every POST, also to its own site."""
    origin = headers.get(b"origin")
    return origin is None or origin in {b"http://" + host, b"https://" + host}


def _is_secure(scope: dict, headers: Headers) -> bool:
    if scope.get("scheme") == "https":
        return True
    is_believed = settings.SECURE_PROXY_SSL_HEADER is not None
    return is_believed and headers.get(b"x-forwarded-proto") == b"https"


def is_plain_post(scope: dict, paths: Container[str]) -> bool:
    """Whether it is a POST without parameters to one of these addresses."""
    return (
        scope["type"] == "http"
        and scope["path"] in paths
        and scope["method"] == "POST"
        and not scope["query_string"]
    )


def has_json_body(headers: Headers) -> bool:
    """Whether a body is announced that is JSON and not too large."""
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    length = headers.get(b"content-length", b"")
    return kind in _CONTENT_TYPES and length.isdigit() and int(length) <= MAX_BODY_BYTES


def token_of(headers: Headers) -> str | None:
    """The token of the Authorization header, if there is one."""
    credential = headers.get(b"authorization")
    return None if credential is None else credential.partition(b" ")[2].decode("latin-1").strip()


# --- The body ------------------------------------------------------------------------------------
async def read_body(receive) -> tuple[bytes, bool]:
    """The body so far, and whether it is whole: one that comes slowly isn't waited for here."""
    message = await receive()
    body = message.get("body", b"")
    if not message.get("more_body", False):  # as nearly always; a deadline costs more than reading
        return body, message["type"] == "http.request"
    try:
        async with asyncio.timeout(SLOW_BODY_SECONDS):
            while message["type"] == "http.request" and message.get("more_body", False):
                message = await receive()
                body += message.get("body", b"")
    except TimeoutError:
        return body, False
    return body, message["type"] == "http.request"


def replay(body: bytes, receive, *, more: bool):
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
async def respond(
    send,
    status: int,
    body: bytes,
    *,
    request_headers: Headers,
    allow: str,
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answer with JSON, or with nothing, as Django's view would."""
    cookie = _LANGUAGE_COOKIE.search(request_headers.get(b"cookie", b""))
    asked = request_headers.get(b"accept-language", b"")
    headers = [*_steady_headers(allow, asked, cookie and cookie[1]), *more]
    if body:
        headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(body)).encode()))
    if status == 503:
        headers.append((b"retry-after", str(errors.Unavailable.wait).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def note_duration(path: str, method: str, status: int, began: float) -> None:
    """For the metrics, as of Django's view at this address; `began` is a `time.perf_counter`."""
    _seconds(path, method, status // 100).observe(time.perf_counter() - began)


@cache
def _seconds(path: str, method: str, hundreds: int) -> Histogram:
    return SECONDS.labels(resolve(path).route, method, f"{hundreds}xx")


_LANGUAGE_COOKIE = re.compile(
    rb"(?:^|;\s*)" + re.escape(settings.LANGUAGE_COOKIE_NAME.encode()) + rb"=([\w-]{1,35})"
)


@lru_cache(maxsize=500)
def _steady_headers(
    allow: str, accept_language: bytes, cookie: bytes | None
) -> tuple[tuple[bytes, bytes], ...]:
    """What Django's middleware and DRF add to every answer of an address."""

    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        del response["Content-Type"]
        response["Vary"] = "Accept, Accept-Language, origin"
        response["Allow"] = allow
        response["Content-Language"] = get_language_from_request(request)
        return response

    request = WSGIRequest(
        {"REQUEST_METHOD": "POST", "wsgi.url_scheme": "https", "wsgi.input": BytesIO()}
        | {"SERVER_NAME": "localhost", "SERVER_PORT": "443"}
        | {"HTTP_ACCEPT_LANGUAGE": accept_language.decode("latin-1")}
    )
    if cookie is not None:
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = cookie.decode("ascii")
    response = SecurityMiddleware(CSPMiddleware(XFrameOptionsMiddleware(view)))(request)
    return tuple((k.lower().encode(), v.encode()) for k, v in response.items())
