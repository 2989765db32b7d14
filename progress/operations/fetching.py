"""Gets a file from another site: no private addresses, no more bytes and no more time than said.

Redirects are followed hop by hop, each checked like the first address.
"""

import http.client
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

from .bounded_http import Deadline, DeadlinePassed, TooLong, connect, request_head, response_from
from .public_addresses import PORTS, ForbiddenAddress

MAX_HOPS = 5
MAX_HEAD_BYTES = 65_536
CHUNK_BYTES = 65_536
USER_AGENT = "learning-progress/1"
_REDIRECTS = {301, 302, 303, 307, 308}
_SIGN_IN = {401, 403, 407}
_GONE = {404, 410}


class Reason(StrEnum):
    ADDRESS = "address"  # no address of the web, or one that leads elsewhere than it may
    PRIVATE = "private"
    SIGN_IN = "sign_in"
    GONE = "gone"
    STATUS = "status"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    UNREACHABLE = "unreachable"
    INCOMPLETE = "incomplete"


class NotFetched(Exception):
    """There is no such file, or it can't be had; `status` is the answer's, if there was one."""

    def __init__(self, reason: Reason, status: int | None = None):
        super().__init__(f"{reason} {status or ''}".strip())
        self.reason, self.status = reason, status


@dataclass(frozen=True, slots=True)
class _Hop:
    """What one request brought: where to go on, or nothing: the file was written."""

    location: str | None = None


def fetch(url: str, to: IO[bytes], *, max_bytes: int, seconds: float, allow_private: bool) -> None:
    """Writes what is at `url`. Raises NotFetched; what was written by then is to be thrown away."""
    deadline = Deadline(seconds)
    for _ in range(MAX_HOPS + 1):
        try:
            hop = _request(_parts(url), to, max_bytes, deadline, allow_private)
        except (DeadlinePassed, TimeoutError):
            raise NotFetched(Reason.TOO_SLOW) from None
        except TooLong:
            raise NotFetched(Reason.TOO_LARGE) from None
        except ForbiddenAddress:
            raise NotFetched(Reason.PRIVATE) from None
        except (OSError, http.client.HTTPException, ssl.SSLError, ValueError):
            raise NotFetched(Reason.UNREACHABLE) from None
        if hop.location is None:
            return
        url = _next(url, hop.location)
    raise NotFetched(Reason.ADDRESS)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_possible = parts.scheme in PORTS and bool(parts.hostname) and "@" not in parts.netloc
        parts.port  # noqa: B018 (reading it checks it)
        url.encode("ascii")
    except ValueError:
        is_possible = False
    if not is_possible or any(c <= " " or c == "\x7f" for c in url):
        raise NotFetched(Reason.ADDRESS)
    return parts._replace(fragment="")


def _next(url: str, location: str) -> str:
    """Where a redirect leads; never from an encrypted address to an open one."""
    try:
        led = urljoin(url, location)
    except ValueError:
        raise NotFetched(Reason.ADDRESS) from None
    if url.lower().startswith("https:") and not led.lower().startswith("https:"):
        raise NotFetched(Reason.ADDRESS)
    return led


def _request(
    parts: SplitResult, to: IO[bytes], max_bytes: int, deadline: Deadline, allow_private: bool
) -> _Hop:
    with connect(parts, deadline, allow_private=allow_private) as connected:
        connected.settimeout(deadline.left())
        connected.sendall(request_head("GET", parts, {"User-Agent": USER_AGENT}))
        most = max_bytes + MAX_HEAD_BYTES
        response = response_from(connected, deadline, max_bytes=most, method="GET")
        try:
            response.begin()
            if response.status in _REDIRECTS:
                return _Hop(response.getheader("Location") or "")
            _refuse_status(response.status)
            _copy(response, to, max_bytes)
            return _Hop()
        finally:
            response.close()


def _refuse_status(status: int) -> None:
    if status == 200:
        return
    if status in _SIGN_IN:
        raise NotFetched(Reason.SIGN_IN, status)
    raise NotFetched(Reason.GONE if status in _GONE else Reason.STATUS, status)


def _copy(response: http.client.HTTPResponse, to: IO[bytes], max_bytes: int) -> None:
    expected = response.length
    if expected is not None and expected > max_bytes:
        raise NotFetched(Reason.TOO_LARGE)
    count = 0
    try:
        while chunk := response.read(CHUNK_BYTES):
            count += len(chunk)
            if count > max_bytes:
                raise NotFetched(Reason.TOO_LARGE)
            to.write(chunk)
    except http.client.IncompleteRead:
        raise NotFetched(Reason.INCOMPLETE) from None
    if expected is not None and count < expected:
        raise NotFetched(Reason.INCOMPLETE)
