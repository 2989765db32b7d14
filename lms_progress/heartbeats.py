"""Ordinary reports of trackers, answered on the event loop before Django is asked.

A report is ordinary when a session's token sends JSON to `update_progress` or `end_session` from
the site's own pages or from no page at all. Whatever is unusual about one (another credential, a
page of another site, an error in its shape, a bucket that is nearly empty) goes to Django's view at
the same address, untouched; answers, errors, metrics and request ids are the same.
"""

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
    has_json_body,
    is_ordinary,
    is_plain_post,
    note_duration,
    read_body,
    replay,
    respond,
    token_of,
)
from progress import ingest
from progress.api import errors
from progress.api.employee.answers import end_answer
from progress.api.employee.report import Report, Unusual, read_report, update_payload
from progress.api.employee.responses import encode
from progress.api.error_response import error_response
from progress.validation.error_payload import error_payload

logger = structlog.get_logger(__name__)

REPORT, END = "/api/employee/update_progress", "/api/employee/end_session"
PATHS = {REPORT: REPORT, f"{REPORT}/": REPORT, END: END, f"{END}/": END}


class Heartbeats:
    """An ASGI application for reports and ends of sessions; `otherwise` answers what is unusual."""

    def __init__(self, otherwise: Application):
        self._otherwise = otherwise

    def serves(self, scope: dict) -> bool:
        return is_plain_post(scope, PATHS)

    async def __call__(self, scope, receive, send) -> None:
        began = time.perf_counter()
        headers = dict(scope["headers"])
        if not is_ordinary(scope, headers) or not has_json_body(headers):
            return await self._otherwise(scope, receive, send)
        body, is_whole = await read_body(receive)
        if not is_whole:
            return await self._otherwise(scope, replay(body, receive, more=True), send)
        path = PATHS[scope["path"]]
        try:
            report = read_report(body, token_of(headers), ends_session=path == END)
            status, body = await _record(report, path, headers)
        except Unusual:
            return await self._otherwise(scope, replay(body, receive, more=False), send)
        await respond(send, status, body, request_headers=headers, allow="POST, OPTIONS")
        note_duration(path, "POST", status, began)


async def _record(report: Report, path: str, headers) -> tuple[int, bytes]:
    """The status and body. Raises Unusual for what changed nothing and Django explains."""
    try:
        receipt = await ingest.deliver_soon(report.delivery)
        if path == END:
            return 200, _as_django(end_answer(receipt))
        answer = update_payload(receipt, is_flat=report.is_flat)
        # An answer to a quiz may be any number, of which there is more than one spelling.
        has_quiz = any(outcome.quiz for outcome in receipt.outcomes)
        return 200, _as_django(answer) if has_quiz else encode(answer)
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
    _log(status, path, headers)
    return status, _as_django(payload)


def _server_error(error: APIException) -> tuple[int, dict]:
    status = error.status_code
    return status, error_payload(status, error.default_code, str(error.detail))


# --- The answer ----------------------------------------------------------------------------------
_encode = JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _as_django(payload: Mapping) -> bytes:
    """As DRF's renderer does it."""
    return _encode(payload).encode()


def _log(status: int, path: str, headers: Headers) -> None:
    """A line for a refused or failed report, as for every other request."""
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        level = logging.ERROR if status >= 500 else logging.WARNING
        logger.log(level, "request_finished", code=status, request=f"POST {path}")
