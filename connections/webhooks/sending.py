"""One POST to an address that may be hostile: bounded in time and size, never redirected.

The deadline holds for everything from the look-up of the name to the last byte of the answer that
is read, however slowly it trickles.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urlsplit

from . import addresses

MAX_ANSWER_BYTES = 16_384  # of a body, and kept
MAX_READ_BYTES = 262_144  # of an answer, its headers included
USER_AGENT = "learning-progress-webhooks/1"
NUL = "\x00"


@dataclass(frozen=True, slots=True)
class SendResult:
    """What came back: a status and the beginning of the body, or an error without a status."""

    status: int | None
    body: str = ""
    error: str = ""
    retry_after: int | None = None
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.error


class DeadlinePassed(OSError):
    """The time for the whole request is over."""


class TooLong(OSError):
    """The answer is longer than is read."""


class _Deadline:
    def __init__(self, seconds: float):
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises DeadlinePassed."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> SendResult:
    """Sends `body`; never raises for what the other side, or the network, does."""
    began = time.monotonic()
    try:
        status, text, retry_after = _exchange(url, body, headers, _Deadline(seconds))
        error = _error_of(status)
    except (OSError, http.client.HTTPException, addresses.ForbiddenAddress, ValueError) as failure:
        status, text, retry_after, error = None, "", None, _reason(failure, seconds)
    lasted = int((time.monotonic() - began) * 1000)
    return SendResult(status, text, error, retry_after, lasted)


def _error_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"Answered {status}: redirects are not followed."
    return f"Answered {status}."


def _reason(failure: Exception, seconds: float) -> str:
    if isinstance(failure, DeadlinePassed | TimeoutError):
        return f"No complete answer within {seconds:g} seconds."
    if isinstance(failure, addresses.ForbiddenAddress | TooLong):
        return str(failure)
    if isinstance(failure, ssl.SSLError):
        return f"TLS: {failure.reason or failure}"[:500]
    if isinstance(failure, http.client.HTTPException):
        return f"Not an HTTP answer ({type(failure).__name__})."
    return f"{type(failure).__name__}: {failure}"[:500].replace(NUL, "")


def _exchange(
    url: str, body: bytes, headers: Mapping[str, str], deadline: _Deadline
) -> tuple[int, str, int | None]:
    parts = urlsplit(url)
    with _connect(parts, deadline) as connected:
        connected.settimeout(deadline.left())
        connected.sendall(_request(parts, body, headers))
        response = http.client.HTTPResponse(_Bounded(connected, deadline), method="POST")
        try:
            response.begin()
            return response.status, _beginning(response), _retry_after(response)
        finally:
            response.close()


def _connect(parts: SplitResult, deadline: _Deadline) -> socket.socket:
    """A connection to one of the addresses that were checked, encrypted for https."""
    host, port = parts.hostname or "", addresses.port_of(parts)
    failure: OSError = OSError(f"{host} has no address")
    for address in addresses.resolve(host, port, seconds=deadline.left()):
        try:
            plain = socket.create_connection((address, port), timeout=deadline.left())
        except DeadlinePassed:
            raise
        except OSError as error:
            failure = error
            continue
        return _encrypted(plain, host, deadline) if parts.scheme == "https" else plain
    raise failure


def _encrypted(plain: socket.socket, host: str, deadline: _Deadline) -> socket.socket:
    try:
        plain.settimeout(deadline.left())
        return _tls().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    every = {
        "Host": host,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _beginning(response: http.client.HTTPResponse) -> str:
    """The beginning of the body; what follows is left unread."""
    try:
        raw = response.read(MAX_ANSWER_BYTES)
    except http.client.IncompleteRead as broken_off:
        raw = broken_off.partial
    except (DeadlinePassed, TimeoutError):
        if 200 <= response.status < 300:
            raise
        raw = b""  # it is a failure anyway, and the status says which
    return raw.decode("utf-8", "replace").replace(NUL, "")


def _retry_after(response: http.client.HTTPResponse) -> int | None:
    value = (response.getheader("Retry-After") or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


class _Bounded(io.RawIOBase):
    """What `HTTPResponse` reads from: a socket with a deadline and a limit of bytes."""

    def __init__(self, connected: socket.socket, deadline: _Deadline):
        self._socket, self._deadline = connected, deadline
        self._left = MAX_READ_BYTES

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if self._left <= 0:
            raise TooLong("The answer is too long.")
        self._socket.settimeout(self._deadline.left())
        view = memoryview(buffer)[: self._left]
        count = self._socket.recv_into(view)
        self._left -= count
        return count
