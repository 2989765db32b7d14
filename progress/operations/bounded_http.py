"""A connection to a host that may be hostile: to an address that was checked, bounded in time and
size.

The deadline holds for everything from the look-up of the name to the last byte that is read,
however slowly it trickles.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache
from urllib.parse import SplitResult

from . import public_addresses


class DeadlinePassed(OSError):
    """The time for the whole request is over."""


class TooLong(OSError):
    """The answer is longer than is read."""


class Deadline:
    def __init__(self, seconds: float):
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises DeadlinePassed."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left


def connect(parts: SplitResult, deadline: Deadline, *, allow_private: bool) -> socket.socket:
    """A connection to one of the addresses that were checked, encrypted for https."""
    host, port = parts.hostname or "", public_addresses.port_of(parts)
    failure: OSError = OSError(f"{host} has no address")
    found = public_addresses.resolve(
        host, port, seconds=deadline.left(), allow_private=allow_private
    )
    for address in found:
        try:
            plain = socket.create_connection((address, port), timeout=deadline.left())
        except DeadlinePassed:
            raise
        except OSError as error:
            failure = error
            continue
        return _encrypted(plain, host, deadline) if parts.scheme == "https" else plain
    raise failure


def _encrypted(plain: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    try:
        plain.settimeout(deadline.left())
        return _tls().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def request_head(method: str, parts: SplitResult, headers: Mapping[str, str]) -> bytes:
    """The first lines of a request, with what every one has."""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    every = {
        "Host": parts.netloc.rpartition("@")[2],
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def response_from(
    connected: socket.socket, deadline: Deadline, *, max_bytes: int, method: str
) -> http.client.HTTPResponse:
    """The answer, of which `max_bytes` can be read, its head included."""
    # It asks for `makefile` alone.
    reading = _Bounded(connected, deadline, max_bytes)
    return http.client.HTTPResponse(reading, method=method)  # type: ignore[arg-type]


class _Bounded(io.RawIOBase):
    """What `HTTPResponse` reads from: a socket with a deadline and a limit of bytes."""

    def __init__(self, connected: socket.socket, deadline: Deadline, max_bytes: int):
        self._socket, self._deadline = connected, deadline
        self._left = max_bytes

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
