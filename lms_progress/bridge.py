"""Django, a WSGI application in a few threads, behind an ASGI server.

a2wsgi does the translation. What is added here keeps slow clients from holding the threads: a
request takes one when its body has arrived, and gives it back before a file is sent.
"""

import asyncio
from collections.abc import Awaitable, Callable

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import WSGIResponder

Receive = Callable[[], Awaitable[dict]]

THREADS = 10
BUFFERED_BYTES = 5 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
SLOWEST_CHUNK_SECONDS = 60


class Bridge(WSGIMiddleware):
    """An ASGI application that answers with a WSGI one."""

    def __init__(self, app, workers: int = THREADS):
        super().__init__(app, workers=workers)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        arrived = await _arrive(receive)
        if arrived is None:
            return None  # the client left before it had sent everything
        if arrived["more_body"] and not _has_length(scope):
            return await _refuse_endless(send)
        scope = _with_length(scope, len(arrived["body"]))
        responder = Responder(self.app, self.executor, self.send_queue_size)
        return await responder(scope, _replay(arrived, receive), send)


class Responder(WSGIResponder):
    """One request in a thread; a file is then sent without it."""

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
        """From the thread. Raises TimeoutError when the client takes nothing for a minute."""
        waiting = asyncio.run_coroutine_threadsafe(self.send_queue.put(message), self.loop)
        waiting.result(timeout=SLOWEST_CHUNK_SECONDS)

    async def sender(self, send) -> None:
        try:
            await super().sender(send)
        except Exception:
            # Whoever fills the queue must not wait for room that nobody makes.
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
    """What WSGI calls a file wrapper: an answer's body that is a file."""

    def __init__(self, file, block_size: int = CHUNK_BYTES):
        self.read = file.read
        self._file = file

    def close(self) -> None:
        # Django has put its response's close there.
        self._file.close()


async def _arrive(receive: Receive) -> dict | None:
    """The request's body, or its beginning when it is long; None when the client left."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if not more or len(body) > BUFFERED_BYTES:
            return {"type": "http.request", "body": bytes(body), "more_body": more}


def _replay(arrived: dict, receive: Receive) -> Receive:
    waiting = [arrived]

    async def receive_again() -> dict:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _has_length(scope: dict) -> bool:
    return any(name == b"content-length" for name, _ in scope["headers"])


def _with_length(scope: dict, length: int) -> dict:
    """WSGI reads no body without a length, so a chunked one is told it."""
    if _has_length(scope) or not length:
        return scope
    return scope | {"headers": [*scope["headers"], (b"content-length", str(length).encode())]}


async def _refuse_endless(send) -> None:
    body = (
        b'{"type": "client_error", "errors": [{"code": "payload_too_large", '
        b'"detail": "The request is too large.", "attr": null}]}'
    )
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
