"""Ordinary requests for `realtime_progress`, answered before Django is asked.

A request is ordinary when a session's token asks for its own learner and course, without
parameters. Whatever is unusual about one (another credential or learner, a page of another site,
an enrolment that has ended, a failure) goes to Django's view at the same address, untouched;
answers, errors, metrics and request ids are the same. Requests that arrive together are read
together, by one statement.
"""

import re
import time
from collections.abc import Sequence
from typing import NamedTuple

import structlog
from django.utils import timezone

from lms_progress.tracker_requests import (
    Application,
    Headers,
    is_ordinary,
    note_duration,
    respond,
    token_of,
)
from progress.api.employee.answers import course_answer
from progress.api.employee.responses import encode, headers_of, is_known
from progress.live.batching import Batches
from progress.live.database import DatabaseThreads
from progress.live.exchange import Refused
from progress.security import tokens
from progress.state import course_reading
from progress.state.course_reading import CourseReading
from progress.state.course_rows import Wanted

logger = structlog.get_logger(__name__)

PATH = re.compile(r"/api/employee/realtime_progress/([0-9]{1,18})/([0-9]{1,18})/?")
ALLOW = "GET, HEAD, OPTIONS"


class CourseQuery(NamedTuple):
    """A learner's own progress in a course, and what the client has of it already."""

    user_id: int
    course_id: int
    if_none_match: str


class ReadAnswer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class CourseReads:
    """An ASGI application for `realtime_progress`; `otherwise` answers what is unusual."""

    def __init__(self, otherwise: Application, database: DatabaseThreads):
        self._otherwise = otherwise
        self._database = database
        self._answers = Batches(self._read)

    def serves(self, scope: dict) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and not scope["query_string"]
            and PATH.fullmatch(scope["path"]) is not None
        )

    async def __call__(self, scope, receive, send) -> None:
        began = time.perf_counter()
        headers: Headers = dict(scope["headers"])
        query = _query_of(scope, headers)
        answer = query and await self._answer(query)
        if answer is None:
            return await self._otherwise(scope, receive, send)
        await respond(
            send,
            answer.status,
            answer.body,
            request_headers=headers,
            allow=ALLOW,
            more=answer.headers,
        )
        note_duration("/api/employee/realtime_progress/1/1", "GET", answer.status, began)

    async def stop(self) -> None:
        await self._answers.stop()

    async def _answer(self, query: CourseQuery) -> ReadAnswer | None:
        """None for what Django has to explain."""
        try:
            return await self._answers.get(query)
        except Refused:
            return None  # the database is away
        except Exception:
            # Whatever is wrong with one of those read together: each is read again by itself.
            logger.warning("progress is read one by one", exc_info=True)
            return None

    async def _read(self, queries: Sequence[CourseQuery]) -> dict[CourseQuery, ReadAnswer]:
        return await self._database.run(_read, queries)


def _query_of(scope: dict, headers: Headers) -> CourseQuery | None:
    """What is asked for, if the request is ordinary."""
    token = token_of(headers) if is_ordinary(scope, headers) else None
    if token is None or headers.get(b"content-length", b"0") != b"0":
        return None
    try:
        claims = tokens.remembered_session_token(token)
    except tokens.InvalidToken:
        return None
    path = PATH.fullmatch(scope["path"])
    if path is None or (int(path[1]), int(path[2])) != (claims.user_id, claims.course_id):
        return None
    known = headers.get(b"if-none-match", b"").decode("latin-1")
    return CourseQuery(claims.user_id, claims.course_id, known)


def _read(queries: Sequence[CourseQuery]) -> dict[CourseQuery, ReadAnswer]:
    """The answers, without those of learners who aren't enrolled or active any more."""
    wanted = [Wanted(each.user_id, each.course_id) for each in queries]
    readings = course_reading.read(wanted, timezone.now())
    return {
        each: _answer(each, reading)
        for each, reading in zip(queries, readings, strict=True)
        if reading is not None and reading.enrollment.is_open
    }


def _answer(query: CourseQuery, reading: CourseReading) -> ReadAnswer:
    headers = [(k.lower().encode(), v.encode()) for k, v in headers_of(reading).items()]
    if is_known(query.if_none_match, reading.etag):
        return ReadAnswer(304, headers, b"")
    return ReadAnswer(200, headers, encode(course_answer(reading, reader_id=query.user_id)))
