"""Signed tokens that say what they are for, so that checking one needs no database query."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

_SESSION_SALT = "progress.learning-session"
_STREAM_SALT = "progress.stream-reader"
STREAM_VALIDITY = timedelta(hours=12)


class InvalidToken(Exception):
    """The token is forged, damaged or too old."""


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """What a session token allows: to report to this session and to read this course progress."""

    session_id: UUID
    user_id: int
    course_id: int
    enrollment_id: int


@dataclass(frozen=True, slots=True)
class StreamClaims:
    """What a stream token says: `reader_id` asked to follow this learner in this course.

    It opens nothing by itself: the reader's right is checked whenever a stream is opened.
    """

    reader_id: int
    user_id: int
    course_id: int
    issued_ms: int = 0  # in epoch milliseconds; 0 in tokens from before it was noted


def issue_session_token(claims: SessionClaims) -> str:
    """A token valid for LATE_EVENT_DAYS."""
    parts = [claims.session_id.hex, claims.user_id, claims.course_id, claims.enrollment_id]
    return signing.dumps(parts, salt=_SESSION_SALT)


def read_session_token(token: str) -> SessionClaims:
    """Raises InvalidToken unless this site signed `token` within LATE_EVENT_DAYS."""
    parts = _load(token, _SESSION_SALT, timedelta(days=settings.LATE_EVENT_DAYS))
    return SessionClaims(UUID(hex=parts[0]), *parts[1:])


_remembered: OrderedDict[str, tuple[SessionClaims, float]] = OrderedDict()
_REMEMBERED_TOKENS = 20_000


def remembered_session_token(token: str) -> SessionClaims:
    """`read_session_token`, which checks a token's signature once and its age each time."""
    known = _remembered.get(token)
    if known is None:
        claims = read_session_token(token)
        # What was signed: the payload, the time, and the signature over both.
        signed_at = signing.b62_decode(token.split(":")[-2])
        until = signed_at + timedelta(days=settings.LATE_EVENT_DAYS).total_seconds()
        known = _remembered[token] = claims, until
        while len(_remembered) > _REMEMBERED_TOKENS:
            _remembered.popitem(last=False)
    claims, until = known
    if time.time() > until:
        raise InvalidToken
    return claims


def issue_stream_token(claims: StreamClaims) -> str:
    """A token valid for twelve hours, or until the reader is signed out somewhere."""
    issued_ms = claims.issued_ms or round(time.time() * 1000)
    parts = [claims.reader_id, claims.user_id, claims.course_id, issued_ms]
    return signing.dumps(parts, salt=_STREAM_SALT)


def read_stream_token(token: str) -> StreamClaims:
    """Raises InvalidToken unless this site signed `token` within twelve hours."""
    return StreamClaims(*_load(token, _STREAM_SALT, STREAM_VALIDITY))


def _load(token: str, salt: str, max_age: timedelta) -> list:
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError, UnicodeError):
        raise InvalidToken from None
