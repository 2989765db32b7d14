"""Runs Django, a WSGI application, in a few threads behind an ASGI server.

a2wsgi translates. What is added here keeps slow clients from occupying the threads: a request takes
a thread when its whole body has arrived, and returns it before a file is sent. A body that is too
large is refused by its announced length, and one that comes too slowly after a time limit, so
connections that announce much and send nothing use no thread.
"""

import asyncio
import json
import logging
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import WSGIResponder

from progress.validation.error_payload import error_payload

logger = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[dict]]

THREADS = 10
MAX_BODY_BYTES = 32 * 1024 * 1024
# Larger bodies are kept on disk.
MEMORY_BYTES = 128 * 1024
CHUNK_BYTES = 256 * 1024
# How long a client may send nothing of a body, and how slowly all of it may come.
SILENT_BODY_SECONDS = 20
MIN_BODY_BYTES_PER_SECOND = 8 * 1024
MAX_CHUNK_SECONDS = 60


class WsgiBridge(WSGIMiddleware):
    """An ASGI application that answers with a WSGI one."""

    def __init__(self, app, workers: int = THREADS):
        super().__init__(app, workers=workers)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as body:
            try:
                is_whole = await _read_body(scope, receive, body)
            except BodyRefused as refused:
                return await _refuse(send, refused)
            if not is_whole:
                return None  # the client left before it had sent everything
            scope = _with_length(scope, body.tell())
            responder = Responder(self.app, self.executor, self.send_queue_size)
            return await responder(scope, _replay(body, receive), send)


class BodyRefused(Exception):
    """A request's body is refused, with this status, code and explanation."""

    def __init__(self, status: int, code: str, detail: str):
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


class Responder(WSGIResponder):
    """Answers one request in a thread; a file is sent afterwards without the thread."""

    _file: "File | None" = None

    async def __call__(self, scope, receive, send) -> None:
        try:
            await super().__call__(scope, receive, send)
            if self._file is not None:
                await self._send_file(scope["method"], receive, send)
        finally:
            if self._file is not None:
                await asyncio.to_thread(self._file.close)

    def wsgi(self, environ, start_response) -> None:
        environ["wsgi.file_wrapper"] = File
        answer = self.app(environ, start_response)
        if isinstance(answer, File):
            self._file = answer
            return
        try:
            for chunk in answer:
                self.send({"type": "http.response.body", "body": chunk, "more_body": True})
            self.send({"type": "http.response.body", "body": b""})
        finally:
            getattr(answer, "close", lambda: None)()

    def send(self, message) -> None:
        """Called in the thread. Raises TimeoutError if the client reads nothing for a minute."""
        waiting = asyncio.run_coroutine_threadsafe(self.send_queue.put(message), self.loop)
        waiting.result(timeout=MAX_CHUNK_SECONDS)

    async def sender(self, send) -> None:
        try:
            await super().sender(send)
        except Exception:
            # The thread that fills the queue must not wait forever for room in it.
            while await self.send_queue.get() is not None:
                pass
            raise

    async def _send_file(self, method: str, receive, send) -> None:
        left = asyncio.create_task(_departure(receive))
        try:
            while method != "HEAD" and not left.done():
                chunk = await asyncio.to_thread(self._file.read, CHUNK_BYTES)
                if not chunk:
                    break
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if not left.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            left.cancel()


class File:
    """What WSGI calls a file wrapper: a response body that is a file."""

    def __init__(self, file, block_size: int = CHUNK_BYTES):
        self.read = file.read
        self._file = file

    def close(self) -> None:
        # Django has replaced this with its response's close.
        self._file.close()


async def _read_body(scope: dict, receive: Receive, body: IO[bytes]) -> bool:
    """Writes the request's body into `body`; returns False if the client left before its end.

    Raises BodyRefused.
    """
    if _announced_length(scope) > MAX_BODY_BYTES:
        raise _too_large()
    clock = asyncio.get_running_loop().time
    began = clock()
    while True:
        deadline = began + SILENT_BODY_SECONDS + body.tell() / MIN_BODY_BYTES_PER_SECOND
        try:
            async with asyncio.timeout_at(min(clock() + SILENT_BODY_SECONDS, deadline)):
                message = await receive()
        except TimeoutError:
            raise BodyRefused(
                408, "request_timeout", "The request's body came too slowly."
            ) from None
        if message["type"] == "http.disconnect":
            return False
        _store(message.get("body", b""), body)
        if not message.get("more_body", False):
            return True


def _store(part: bytes, body: IO[bytes]) -> None:
    if body.tell() + len(part) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        body.write(part)
    except OSError:
        logger.exception("a request's body can't be kept on disk")
        raise BodyRefused(503, "error", "The server can't answer now. Try again soon.") from None


def _too_large() -> BodyRefused:
    return BodyRefused(413, "payload_too_large", "The request is too large.")


def _replay(body: IO[bytes], receive: Receive) -> Receive:
    """Returns a `receive` that gives the stored body, then the server's further messages."""
    length = body.tell()
    body.seek(0)
    left = length or 1  # an empty body is one empty message

    async def receive_again() -> dict:
        nonlocal left
        if left <= 0:
            return await receive()
        part = body.read(CHUNK_BYTES)
        left -= len(part) or 1
        return {"type": "http.request", "body": part, "more_body": left > 0}

    return receive_again


def _announced_length(scope: dict) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:19])
    return 0


def _has_length(scope: dict) -> bool:
    return any(name == b"content-length" for name, _ in scope["headers"])


def _with_length(scope: dict, length: int) -> dict:
    """Adds the length to a chunked request: WSGI reads no body without one."""
    if _has_length(scope) or not length:
        return scope
    return scope | {"headers": [*scope["headers"], (b"content-length", str(length).encode())]}


async def _refuse(send, refused: BodyRefused) -> None:
    body = json.dumps(error_payload(refused.status, refused.code, refused.detail)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
