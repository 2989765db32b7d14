"""A web server of the test's own that receives webhooks, and may misbehave in many ways."""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers with `answer(handler, received)`; by default 204."""

    received: list[Received] = field(default_factory=list)
    answer: Callable | None = None

    def start(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.path, headers, self.rfile.read(length), time.monotonic())
                outer.received.append(request)
                try:
                    (outer.answer or answer_with(204))(self, request)
                except OSError:
                    pass  # the other side has gone, as it should

            do_GET = do_POST

            def log_message(self, *args):
                pass

        self._ends = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def is_over(self) -> bool:
        """Whether the test has ended: what would go on for ever stops then."""
        return self._ends.is_set()

    # --- Ways to misbehave -----------------------------------------------------------------------
    def hang(self, handler, request):
        self._ends.wait(60)

    def stream_for_ever(self, handler, request):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while not self._ends.is_set():
            handler.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")

    def trickle_body(self, handler, request):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        self._trickle(handler, b"x")

    def trickle_headers(self, handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._trickle(handler, b"X-Slow: 1\r\n")

    def endless_headers(self, handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self._ends.is_set():
            handler.wfile.write(b"X-More: " + b"y" * 2000 + b"\r\n")

    def endless_continue(self, handler, request):
        while not self._ends.is_set():
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def garbage(self, handler, request):
        handler.wfile.write(b"\x00\xff not http at all\r\n\r\n")
        handler.close_connection = True

    def close_at_once(self, handler, request):
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    def redirect(self, handler, request):
        handler.send_response(302)
        handler.send_header("Location", self.url + "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _trickle(self, handler, piece: bytes):
        while not self._ends.wait(0.05):
            handler.wfile.write(piece)


def answer_with(status: int, body: bytes = b"", **headers: str) -> Callable:
    def answer(handler, request):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer
