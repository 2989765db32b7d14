"""The stream as a plain ASGI application: one small task for each client, without a thread.

A client costs two database queries at most, run in a few threads that keep their connections:
whether the token's reader may still follow the learner, and a snapshot when the client's last
event is unknown. Clients that begin at the same time are read together: when a process is
restarted, thousands do.
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
from progress.state.answers import LiveAnswer

from . import history
from .access import may_follow
from .batching import Batches
from .database import DatabaseThreads
from .exchange import STREAM_HEADERS, Refused, StreamRequest, begin, refuse, unauthorized, write
from .hub import Hub
from .mailbox import Mailbox
from .messages import KEEP_ALIVE, frame, render
from .snapshot import snapshots
from .topics import STREAM_PATH, Key

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15
STREAM_SECONDS = 15 * 60
SEND_SECONDS = 30  # a client that accepts no data for so long is gone
RETRY_MS = (1000, 6000)  # different for each client, so that they don't all come back at once


class ClientLeft(Exception):
    """The client has disconnected."""


class Snapshot(NamedTuple):
    """A learner's progress in a course, and the same as an event for the stream."""

    message_id: str | None  # of the last message that came before it
    body: LiveAnswer
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
        request = StreamRequest(scope)
        try:
            await self._answer(request, receive, send)
        except Refused as refused:
            await refuse(send, refused, request.cors())

    async def _answer(self, request: StreamRequest, receive, send) -> None:
        if request.method == "OPTIONS":
            await begin(send, 204, [*request.preflight(), (b"allow", b"GET, HEAD, OPTIONS")])
            return await write(send)
        if request.method not in {"GET", "HEAD"}:
            detail = f'Method "{request.method}" not allowed.'
            allow = (b"allow", b"GET, HEAD, OPTIONS")
            raise Refused(405, "method_not_allowed", detail, allow)
        claims = request.claims()
        if request.method == "HEAD":
            await self.check_access(claims)
            await begin(send, 200, [*STREAM_HEADERS, *request.cors()])
            return await write(send)
        with contextlib.suppress(ClientLeft):
            await _Client(self, claims, receive, send).serve(request)

    def follow(self, claims: StreamClaims) -> contextlib.AbstractAsyncContextManager[Mailbox]:
        return self._open_hub().follow(claims.user_id, claims.course_id, claims.reader_id)

    def _open_hub(self) -> Hub:
        if self._hub is None:
            self._hub = Hub(self._url)
        return self._hub

    # --- What a client requests --------------------------------------------------------------
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
        return await self._database.run(may_follow, claims)

    async def _read_snapshots(self, keys: Sequence[Key]) -> Mapping[Key, Snapshot]:
        # Ids first: the snapshot may include messages after them, and lacks none before them.
        ids = await self._query_broker(history.newest_ids, keys) or {}
        return await self._database.run(_snapshots_with_ids, keys, ids)

    async def missed(self, claims: StreamClaims, last_id: str) -> history.Messages | None:
        if not last_id:
            return None
        return await self._query_broker(history.since, claims.user_id, claims.course_id, last_id)

    async def _query_broker(self, query, *args):
        """Returns the broker's answer; None when it is unreachable (the hub logs the outage)."""
        try:
            return await query(self._open_hub().client, *args)
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

    async def serve(self, request: StreamRequest) -> None:
        """Sends what was missed or a snapshot, then follows until the client leaves or time is up.

        Raises Refused, or ClientLeft, before the answer has begun.
        """
        self._gone = asyncio.create_task(self._watch())
        try:
            await self._unless_gone(self._live.check_access(self._claims))
            async with self._live.follow(self._claims) as self._mailbox:
                self._gone.add_done_callback(lambda _: self._mailbox.wake())
                with OPEN_STREAMS.track_inprogress():
                    await self._serve(request)
        finally:
            self._gone.cancel()

    async def _serve(self, request: StreamRequest) -> None:
        opening = await self._unless_gone(self._opening(request.last_event_id))
        await begin(self._send, 200, [*STREAM_HEADERS, *request.cors()])
        # Streams that began together end at different times.
        seconds = STREAM_SECONDS * random.uniform(0.9, 1)
        with contextlib.suppress(TimeoutError, Refused, ClientLeft):
            async with asyncio.timeout(seconds):
                await self._write(b"retry: %d\n\n" % random.randint(*RETRY_MS) + opening)
                await self._follow()
        await self._close()  # a client that is still there connects again

    async def _opening(self, last_id: str) -> bytes:
        missed = await self._live.missed(self._claims, last_id)
        if missed is None:
            return await self._snapshot()
        for message_id, body in missed:
            self._mailbox.mark_sent(message_id, json.loads(body))
        return b"".join(frame("progress", body, message_id) for message_id, body in missed)

    async def _snapshot(self) -> bytes:
        snapshot = await self._live.snapshot(self._claims)
        self._mailbox.mark_sent(snapshot.message_id, snapshot.body)
        return snapshot.event

    async def _follow(self) -> None:
        mailbox = self._mailbox
        while not self._gone.done() and not mailbox.is_closed:
            if mailbox.wants_snapshot:
                mailbox.wants_snapshot = False
                await self._write(await self._unless_gone(self._snapshot(), is_open=True))
            elif (body := mailbox.take()) is not None:
                await self._write(frame("progress", render(body), mailbox.message_id))
            elif not await mailbox.wait(KEEP_ALIVE_SECONDS):
                await self._write(KEEP_ALIVE)

    async def _unless_gone(self, coroutine: Coroutine[Any, Any, Any], *, is_open=False) -> Any:
        """Returns the coroutine's result; raises ClientLeft when the client leaves meanwhile.

        A stream that is open already is kept open, however long the result takes.
        """
        task = asyncio.ensure_future(coroutine)
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
        """Raises TimeoutError when the client doesn't accept the data."""
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
