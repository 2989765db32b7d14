"""The stream as a plain ASGI application: one small task for each client, no thread, no database.

Django is asked twice at most, in one of a few threads: whether the token's reader may still follow
the learner, and for a snapshot when the client's last event is unknown.
"""

import asyncio
import json
import logging
import random
from concurrent.futures import ThreadPoolExecutor

from django.db import Error as DatabaseError
from django.db import connections
from django.utils import timezone
from redis.exceptions import RedisError

from progress.metrics import OPEN_STREAMS

from . import history
from .access import may_follow
from .exchange import STREAM_HEADERS, Question, Refused, begin, refuse, unauthorized, write
from .hub import Hub
from .messages import KEEP_ALIVE, frame, render
from .places import Place
from .snapshot import snapshot
from .topics import STREAM_PATH

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15
STREAM_SECONDS = 15 * 60
SEND_SECONDS = 30  # a client that takes nothing for so long is gone
THREADS = 4
GREETING = b"retry: 3000\n\n"


class LiveStream:
    """`GET /api/employee/stream/{user_id}/{course_id}?token=…`, for one process."""

    def __init__(self, redis_url: str):
        self._url = redis_url
        self._hub: Hub | None = None
        self._threads = ThreadPoolExecutor(THREADS, "stream")

    @staticmethod
    def serves(scope: dict) -> bool:
        return scope["type"] == "http" and STREAM_PATH.fullmatch(scope["path"]) is not None

    async def stop(self) -> None:
        if self._hub is not None:
            await self._hub.stop()
        self._hub = None

    async def __call__(self, scope, receive, send) -> None:
        question = Question(scope)
        try:
            await self._answer(question, receive, send)
        except Refused as refused:
            await refuse(send, refused, question.cors())

    async def _answer(self, question: Question, receive, send) -> None:
        if question.method == "OPTIONS":
            await begin(send, 204, [*question.preflight(), (b"allow", b"GET, HEAD, OPTIONS")])
            return await write(send)
        if question.method not in {"GET", "HEAD"}:
            detail = f'Method "{question.method}" not allowed.'
            allow = (b"allow", b"GET, HEAD, OPTIONS")
            raise Refused(405, "method_not_allowed", detail, allow)
        claims = question.claims()
        if not await self._ask(may_follow, claims):
            raise unauthorized()
        if question.method == "HEAD":
            await begin(send, 200, [*STREAM_HEADERS, *question.cors()])
            return await write(send)
        async with self._open_hub().follow(claims.user_id, claims.course_id) as place:
            client = _Client(self, place, claims, receive, send)
            with OPEN_STREAMS.track_inprogress():
                await client.serve(question)

    def _open_hub(self) -> Hub:
        if self._hub is None:
            self._hub = Hub(self._url)
        return self._hub

    # --- What a client asks for --------------------------------------------------------------
    async def snapshot(self, claims) -> tuple[str | None, dict | None]:
        """The id of the last message, and a standing that is at least as new."""
        message_id = await self._quietly(history.newest_id, claims)
        body = await self._ask(snapshot, claims.user_id, claims.course_id, timezone.now())
        return message_id, body

    async def missed(self, claims, last_id: str) -> list[tuple[str, str]] | None:
        return await self._quietly(history.since, claims, last_id) if last_id else None

    async def _quietly(self, question, claims, *args):
        """Ask the broker; None when it is away (the hub logs the outage)."""
        try:
            client = self._open_hub().client
            return await question(client, claims.user_id, claims.course_id, *args)
        except (RedisError, OSError):
            return None

    async def _ask(self, question, *args):
        """Run a database question in a thread that gives its connection back. Raises Refused."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, _ask_and_close, question, *args)
        except DatabaseError:
            logger.exception("a stream's question to the database failed")
            raise Refused(503, "error", "The server can't answer now. Try again soon.") from None


def _ask_and_close(question, *args):
    try:
        return question(*args)
    finally:
        connections.close_all()


class _Client:
    """One open stream."""

    __slots__ = ("_claims", "_gone", "_live", "_place", "_receive", "_send")

    def __init__(self, live: LiveStream, place: Place, claims, receive, send):
        self._live = live
        self._place = place
        self._claims = claims
        self._receive = receive
        self._send = send

    async def serve(self, question: Question) -> None:
        """Open with what was missed or a snapshot, then follow until somebody has enough."""
        opening = await self._opening(question.last_event_id)
        await begin(self._send, 200, [*STREAM_HEADERS, *question.cors()])
        self._gone = asyncio.create_task(self._watch())
        self._gone.add_done_callback(lambda _: self._place.wake())
        # Not all at once: streams that began together end apart.
        seconds = STREAM_SECONDS * random.uniform(0.9, 1)
        try:
            async with asyncio.timeout(seconds):
                await self._write(GREETING + opening)
                await self._follow()
        except (TimeoutError, Refused):
            pass  # the client comes back and asks again
        finally:
            self._gone.cancel()
        await self._close()

    async def _opening(self, last_id: str) -> bytes:
        missed = await self._live.missed(self._claims, last_id)
        if missed is None:
            return await self._snapshot()
        for message_id, body in missed:
            self._place.know(message_id, json.loads(body))
        return b"".join(frame("progress", body, message_id) for message_id, body in missed)

    async def _snapshot(self) -> bytes:
        message_id, body = await self._live.snapshot(self._claims)
        if body is None:
            raise unauthorized()
        self._place.know(message_id, body)
        return frame("snapshot", render(body), message_id)

    async def _follow(self) -> None:
        place = self._place
        while not self._gone.done():
            if place.wants_snapshot:
                place.wants_snapshot = False
                await self._write(await self._snapshot())
            elif (body := place.take()) is not None:
                await self._write(frame("progress", render(body), place.message_id))
            elif not await place.wait(KEEP_ALIVE_SECONDS):
                await self._write(KEEP_ALIVE)

    async def _write(self, data: bytes) -> None:
        """Raises TimeoutError when the client doesn't take it."""
        async with asyncio.timeout(SEND_SECONDS):
            await write(self._send, data, more=True)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(1):
                await write(self._send)
        except TimeoutError:
            logger.info("a stream's client took nothing for too long")
