"""The HTTP side of a stream: the request, its token and origin, and errors in the common shape."""

import json
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qs

from django.conf import settings

from progress.security import tokens
from progress.security.tokens import StreamClaims
from progress.validation.error_payload import error_payload

from .topics import STREAM_PATH

Headers = list[tuple[bytes, bytes]]

STREAM_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Refused(Exception):
    """The request gets an error answer instead of a stream."""

    def __init__(self, status: int, code: str, detail: str, *headers: tuple[bytes, bytes]):
        super().__init__(detail)
        self.status = status
        self.headers: Headers = list(headers)
        self.body = error_payload(status, code, detail)


def unauthorized() -> Refused:
    return Refused(
        401,
        "authentication_failed",
        "The stream's token is invalid, has expired, or no longer opens this stream.",
        (b"www-authenticate", b"Token"),
    )


@dataclass(frozen=True)
class StreamRequest:
    """A request for a stream."""

    scope: dict

    @cached_property
    def headers(self) -> dict[bytes, str]:
        return {name.lower(): value.decode("latin-1") for name, value in self.scope["headers"]}

    @cached_property
    def query(self) -> dict[str, list[str]]:
        # Anything that isn't ASCII can't be part of a token.
        return parse_qs(self.scope["query_string"].decode("ascii", "replace"))

    @property
    def method(self) -> str:
        return self.scope["method"]

    @property
    def last_event_id(self) -> str:
        """The id of the client's last event; in the query where the client can't set the header."""
        return self.headers.get(b"last-event-id") or self.query.get("last_event_id", [""])[0]

    def claims(self) -> StreamClaims:
        """Returns the token's claims. Raises Refused unless the token is for the path's stream."""
        match = STREAM_PATH.fullmatch(self.scope["path"])
        try:
            claims = tokens.read_stream_token(self.query.get("token", [""])[0])
        except tokens.InvalidToken:
            raise unauthorized() from None
        path_key = match and (int(match[1]), int(match[2]))
        if path_key != (claims.user_id, claims.course_id):
            raise unauthorized()
        return claims

    def cors(self) -> Headers:
        """Returns the headers that let pages of CORS_ALLOWED_ORIGINS read the answer."""
        if not settings.CORS_ALLOWED_ORIGINS:
            return []
        headers: Headers = [(b"vary", b"origin")]
        origin = self.headers.get(b"origin")
        if origin is not None and origin in settings.CORS_ALLOWED_ORIGINS:
            headers.append((b"access-control-allow-origin", origin.encode("latin-1")))
        return headers

    def preflight(self) -> Headers:
        return [
            *self.cors(),
            (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
            (b"access-control-allow-headers", b"last-event-id, cache-control"),
            (b"access-control-max-age", b"86400"),
        ]


async def begin(send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def write(send, body: bytes = b"", *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def refuse(send, refused: Refused, cors: Headers) -> None:
    body = json.dumps(refused.body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await begin(send, refused.status, [*headers, *refused.headers, *cors])
    await write(send, body)
