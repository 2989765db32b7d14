"""Ordinary starts of sessions, answered before Django is body.

A start is ordinary when an API key names learner and course by their ids, and its account may start
the session as a service account or for itself. A key with scopes has to have that of reporting.
Whatever is unusual about one (another credential or name, a field of another shape, anything
refused) goes to Django's view at the same address, untouched, and nothing was done before; answers,
errors, metrics and request ids are the same.
"""

import time
from typing import Annotated
from uuid import UUID

import msgspec
import structlog
from django.utils import timezone
from knox.crypto import hash_token
from msgspec import Meta, Struct

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
from progress.api.employee.answers import start_answer
from progress.api.employee.responses import encode
from progress.live.database import DatabaseThreads
from progress.live.exchange import Refused
from progress.security import keys, scopes

logger = structlog.get_logger(__name__)

PATH = "/api/employee/start_session"
PATHS = {PATH, f"{PATH}/"}
# A key with other scopes that open the address, should there be any, is left to the view.
SCOPES = sorted(scopes.needed("POST", PATH)[0])
REFUSALS = (ingest.NotAllowed, ingest.LearnerNotEnrolled, ingest.UnknownItem)

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class StartBody(Struct, forbid_unknown_fields=True):
    """The fields of an ordinary start; the serializer knows more, and other shapes of these."""

    user_id: Id
    course_id: Id
    module_id: Id | None = None
    content_id: Id | None = None
    device_id: Annotated[str, Meta(pattern=r"^[\w.:-]{0,64}\Z")] | None = None
    client_session_id: UUID | None = None


_decode = msgspec.json.Decoder(StartBody).decode


class SessionStarts:
    """An ASGI application for `start_session`; `otherwise` answers what is unusual."""

    def __init__(self, otherwise: Application, database: DatabaseThreads):
        self._otherwise = otherwise
        self._database = database

    def serves(self, scope: dict) -> bool:
        return is_plain_post(scope, PATHS)

    async def __call__(self, scope, receive, send) -> None:
        began = time.perf_counter()
        headers: Headers = dict(scope["headers"])
        key = token_of(headers)
        is_usual = is_ordinary(scope, headers, scheme=b"token ") and has_json_body(headers)
        if not is_usual or key is None:
            return await self._otherwise(scope, receive, send)
        body, is_whole = await read_body(receive)
        answer = await self._answer(key, body) if is_whole else None
        if answer is None:
            again = replay(body, receive, more=not is_whole)
            return await self._otherwise(scope, again, send)
        status, content = answer
        await respond(send, status, content, request_headers=headers, allow="POST, OPTIONS")
        note_duration(PATH, "POST", status, began)

    async def _answer(self, key: str, body: bytes) -> tuple[int, bytes] | None:
        """None for what Django has to decide or to explain."""
        try:
            request = _start_request(_decode(body))
            return await self._database.run(_start, key, request)
        except (msgspec.MsgspecError, UnicodeError, Refused, *REFUSALS):
            return None
        except Exception:
            # Django's view meets the same fault, and answers for it.
            logger.exception("a session could not be started")
            return None


def _start_request(body: StartBody) -> ingest.StartRequest:
    return ingest.StartRequest(
        body.user_id,
        body.course_id,
        body.module_id,
        body.content_id,
        body.device_id or "",
        body.client_session_id,
    )


def _start(text: str, request: ingest.StartRequest) -> tuple[int, bytes]:
    now = timezone.now()
    key = ingest.Key(hash_token(text), SCOPES, keys.NOTED_EVERY)
    caller, started = ingest.start_by_key(key, request, now=now)
    return 201 if started.is_new else 200, encode(start_answer(started, now, reader_id=caller))
