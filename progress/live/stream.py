"""The stream as a plain ASGI application: one small task for each client, no thread, no database.

Django is asked twice at most, in one of a few threads that keep their connections: whether the
token's reader may still follow the learner, and for a snapshot when the client's last event is
unknown. Clients that begin at the same time are asked for together: when a process is started
again, thousands do.
"""

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils import timezone
from redis.exceptions import RedisError

from progress.operations.metrics import OPEN_STREAMS
from progress.security.tokens import StreamClaims

from . import history
from .access import may_follow
from .batching import Batches
from .database import DatabaseThreads
from .exchange import STREAM_HEADERS, Question, Refused, begin, refuse, unauthorized, write
from .hub import Hub
from .mailbox import Mailbox
from .messages import KEEP_ALIVE, frame, render
from .snapshot import snapshots
from .topics import STREAM_PATH, Key

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15
STREAM_SECONDS = 15 * 60
SEND_SECONDS = 30  # a client that takes nothing for so long is gone
RETRY_MS = (1000, 6000)  # clients that a process leaves behind don't come back all at once


class ClientLeft(Exception):
    """Nobody is there any more to be answered."""


class Snapshot(NamedTuple):
    """A learner's progress in a course, and the same as an event for the stream."""

    message_id: str | None  # of the last message that came before it
    body: dict
    event: bytes


class LiveStream:
    """`GET /api/employee/stream/{user_id}/{course_id}?token=…`, for one process."""

    def __init__(self, redis_url: str):
        self._url = redis_url
        self._hub: Hub | None = None
        self._database = DatabaseThreads()
        self._access = Batches(self._read_access)
        self._snapshots = Batches(self._read_snapshots)

    @staticmethod
    def serves(scope: dict) -> bool:
        return scope["type"] == "http" and STREAM_PATH.fullmatch(scope["path"]) is not None

    async def stop(self) -> None:
        if self._hub is not None:
            await self._hub.stop()
        self._hub = None
        await self._access.stop()
        await self._snapshots.stop()
        await self._database.stop()

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
        if question.method == "HEAD":
            await self.check_access(claims)
            await begin(send, 200, [*STREAM_HEADERS, *question.cors()])
            return await write(send)
        with contextlib.suppress(ClientLeft):
            await _Client(self, claims, receive, send).serve(question)

    def follow(self, claims: StreamClaims) -> contextlib.AbstractAsyncContextManager[Mailbox]:
        return self._open_hub().follow(claims.user_id, claims.course_id)

    def _open_hub(self) -> Hub:
        if self._hub is None:
            self._hub = Hub(self._url)
        return self._hub

    # --- What a client asks for --------------------------------------------------------------
    async def check_access(self, claims: StreamClaims) -> None:
        """Raises Refused unless the token's reader may follow the learner at this moment."""
        if not await self._access.get(claims):
            raise unauthorized()

    async def snapshot(self, claims: StreamClaims) -> Snapshot:
        """Raises Refused when the learner isn't enrolled any more."""
        snapshot = await self._snapshots.get((claims.user_id, claims.course_id))
        if snapshot is None:
            raise unauthorized()
        return snapshot

    async def _read_access(self, claims: Sequence[StreamClaims]) -> Mapping[StreamClaims, bool]:
        return await self._database.ask(may_follow, claims)

    async def _read_snapshots(self, keys: Sequence[Key]) -> Mapping[Key, Snapshot]:
        # Ids first: what a message says that comes after them may already be in the snapshot.
        ids = await self._quietly(history.newest_ids, keys) or {}
        return await self._database.ask(_snapshots_with_ids, keys, ids)

    async def missed(self, claims: StreamClaims, last_id: str) -> history.Messages | None:
        if not last_id:
            return None
        return await self._quietly(history.since, claims.user_id, claims.course_id, last_id)

    async def _quietly(self, question, *args):
        """Ask the broker; None when it is away (the hub logs the outage)."""
        try:
            return await question(self._open_hub().client, *args)
        except (RedisError, OSError):
            return None


def _snapshots_with_ids(keys: Sequence[Key], ids: Mapping[Key, str]) -> dict[Key, Snapshot]:
    return {
        key: Snapshot(ids.get(key), body, frame("snapshot", render(body), ids.get(key)))
        for key, body in snapshots(keys, timezone.now()).items()
    }


class _Client:
    """One open stream."""

    __slots__ = ("_claims", "_gone", "_live", "_mailbox", "_receive", "_send")
    _mailbox: Mailbox

    def __init__(self, live: LiveStream, claims: StreamClaims, receive, send):
        self._live = live
        self._claims = claims
        self._receive = receive
        self._send = send

    async def serve(self, question: Question) -> None:
        """Open with what was missed or a snapshot, then follow until somebody has enough.

        Raises Refused, or ClientLeft, before the answer has begun.
        """
        self._gone = asyncio.create_task(self._watch())
        try:
            await self._unless_gone(self._live.check_access(self._claims))
            async with self._live.follow(self._claims) as self._mailbox:
                self._gone.add_done_callback(lambda _: self._mailbox.wake())
                with OPEN_STREAMS.track_inprogress():
                    await self._serve(question)
        finally:
            self._gone.cancel()

    async def _serve(self, question: Question) -> None:
        opening = await self._unless_gone(self._opening(question.last_event_id))
        await begin(self._send, 200, [*STREAM_HEADERS, *question.cors()])
        # Not all at once: streams that began together end apart.
        seconds = STREAM_SECONDS * random.uniform(0.9, 1)
        with contextlib.suppress(TimeoutError, Refused, ClientLeft):
            async with asyncio.timeout(seconds):
                await self._write(b"retry: %d\n\n" % random.randint(*RETRY_MS) + opening)
                await self._follow()
        await self._close()  # a client that is still there comes back and asks again

    async def _opening(self, last_id: str) -> bytes:
        missed = await self._live.missed(self._claims, last_id)
        if missed is None:
            return await self._snapshot()
        for message_id, body in missed:
            self._mailbox.know(message_id, json.loads(body))
        return b"".join(frame("progress", body, message_id) for message_id, body in missed)

    async def _snapshot(self) -> bytes:
        snapshot = await self._live.snapshot(self._claims)
        self._mailbox.know(snapshot.message_id, snapshot.body)
        return snapshot.event

    async def _follow(self) -> None:
        mailbox = self._mailbox
        while not self._gone.done():
            if mailbox.wants_snapshot:
                mailbox.wants_snapshot = False
                await self._write(await self._unless_gone(self._snapshot(), is_open=True))
            elif (body := mailbox.take()) is not None:
                await self._write(frame("progress", render(body), mailbox.message_id))
            elif not await mailbox.wait(KEEP_ALIVE_SECONDS):
                await self._write(KEEP_ALIVE)

    async def _unless_gone(self, question: Coroutine[Any, Any, Any], *, is_open=False) -> Any:
        """What `question` returns, unless the client leaves meanwhile (ClientLeft).

        A stream that is open already is kept open, however long the answer takes.
        """
        task = asyncio.ensure_future(question)
        seconds = KEEP_ALIVE_SECONDS if is_open else None
        try:
            while True:
                both = {task, self._gone}
                await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                if self._gone.done():
                    raise ClientLeft
                if task.done():
                    return task.result()
                await self._write(KEEP_ALIVE)
        finally:
            task.cancel()

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
