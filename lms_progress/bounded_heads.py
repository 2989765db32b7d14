"""The server's side of a connection: a request's head must arrive soon, and has a limit.

uvicorn waits for a head for ever and takes one of any length: whoever opens connections and sends
nothing, or headers without an end, would use up the server's files or memory. What comes after the
head has its limits in `asgi_bridge` and `tracker_requests`.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
MAX_HEAD_BYTES = 64 * 1024
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedHeads(HttpToolsProtocol):
    """Closes a connection whose next head isn't there in time, or is too long."""

    _deadline: asyncio.TimerHandle | None = None  # of the head that is awaited
    _bytes = 0  # of it, so far
    _has_body = False  # a head has come, and its body not yet

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and not self._has_body:
            self._await_head()
        super().data_received(data)
        if self._deadline is not None:
            self._bytes += len(data)
            if self._bytes > MAX_HEAD_BYTES:
                self._stop_waiting()
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self._has_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._has_body = False
        super().on_message_complete()

    def _await_head(self) -> None:
        self._bytes = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
