"""Notes requests of the API, with their answers, while their key or session is watched."""

import json
import logging
import time

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from redis.exceptions import RedisError

from . import store, watching

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 65_536
MAX_CHARACTERS = 16_384
# Values that sign people in.
SECRETS = {"password", "secret", "session_token", "token", "stream_url"}
HIDDEN = "(hidden)"


class Inspector:
    """A middleware. It changes no answer, and costs a comparison while nothing is watched."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(("/api/", "/scim/")):
            return self._get_response(request)
        targets = watching.watched.current(may_wait=True)
        if not targets:
            return self._get_response(request)
        body = _body(request)
        target = _target(request, body)
        began = time.monotonic()
        response = self._get_response(request)
        if target in targets:
            try:
                store.add(target, _entry(request, body, response, began))
            except RedisError:
                logger.warning("the inspector's store is unreachable")
        return response


def _body(request: HttpRequest) -> bytes | None:
    """The body, if it is short enough to be shown; reading it leaves it to the view."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_form = request.content_type.startswith("multipart/")
    if is_form or not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return None
    try:
        return request.body
    except (RequestDataTooBig, UnreadablePostError):
        return None  # the view meets the same error, and answers it


def _target(request: HttpRequest, body: bytes | None) -> str | None:
    credential = request.META.get("HTTP_AUTHORIZATION", "")
    if credential:
        return watching.target_of(credential)
    values = _parsed(body)
    if not isinstance(values, dict):
        return None
    if isinstance(token := values.get("session_token"), str):
        return watching.session_of(token)
    session_id = values.get("session_id")
    return watching.session_target(session_id) if isinstance(session_id, str) else None


def _entry(request: HttpRequest, body: bytes | None, response, began: float) -> dict:
    answer = None if response.streaming else response.content
    return {
        "at": timezone.now().isoformat(timespec="milliseconds"),
        "method": request.method,
        "path": request.path + (f"?{query}" if (query := request.META["QUERY_STRING"]) else ""),
        "status": response.status_code,
        "duration_ms": int((time.monotonic() - began) * 1000),
        "request": _shown(body),
        "answer": _shown(answer),
    }


def _shown(body: bytes | None) -> str:
    """A body as text without what signs people in; what isn't JSON is only measured."""
    if not body:
        return "" if body is not None else "(not shown)"
    values = _parsed(body)
    if values is None:
        return f"({len(body)} bytes that are not JSON)"
    return json.dumps(_without_secrets(values), ensure_ascii=False, indent=1)[:MAX_CHARACTERS]


def _parsed(body: bytes | None):
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None


def _without_secrets(value):
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in SECRETS else _without_secrets(each)
            for name, each in value.items()
        }
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value
