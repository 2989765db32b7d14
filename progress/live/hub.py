"""One subscription to the broker for all the streams of a process."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import redis.asyncio
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .mailbox import Mailbox
from .topics import END, NOTICES, channel_of, key_of

logger = logging.getLogger(__name__)

PING_SECONDS = 10
MISSED_PINGS = 3  # after so many in a row without an answer the connection is dead
PAUSE_SECONDS = 1.0
# Long, because a process in which thousands of streams begin at once is slow itself.
PATIENCE_SECONDS = 10.0
CONNECTIONS = 10
BATCH = 250  # channels in one command; other commands may be sent between two batches


class Topic:
    """The open streams of one learner in one course."""

    __slots__ = ("confirmed", "mailboxes", "unsure")

    def __init__(self) -> None:
        self.mailboxes: set[Mailbox] = set()
        self.unsure: set[Mailbox] = set()  # began before the subscription was confirmed
        self.confirmed = asyncio.Event()


class Hub:
    """Puts the broker's messages into the mailboxes of the open streams.

    It subscribes to the channels of open streams only. When the broker comes back after an outage,
    every mailbox asks for a snapshot, since pushes were lost meanwhile.
    """

    def __init__(self, url: str):
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        self.client = redis.asyncio.Redis.from_pool(pool)
        self._database = pool.connection_kwargs.get("db") or 0
        self._topics: dict[str, Topic] = {}
        self._confirmed: set[str] = set()  # channels whose subscription the broker confirmed
        self._changed: set[str] = set()  # channels that may need to be (un)subscribed
        self._wake = asyncio.Event()
        self._sending = asyncio.Lock()  # one command at a time on the subscription's connection
        self._is_alive = False  # whether anything was heard since the last ping
        self._runner: asyncio.Task | None = None
        self._lost = False

    @asynccontextmanager
    async def follow(
        self, user_id: int, course_id: int, reader_id: int | None = None
    ) -> AsyncIterator[Mailbox]:
        """Yields a mailbox that gets every message from now on.

        While the broker is away, or doesn't confirm the subscription in time, the mailbox stays
        empty, and asks for a snapshot when the broker is back or has confirmed.
        """
        channel = channel_of(key_of(user_id, course_id), self._database)
        mailbox = Mailbox(user_id, reader_id or user_id)
        topic = self._topics.setdefault(channel, Topic())
        topic.mailboxes.add(mailbox)
        try:
            self._note_change(channel)
            await self._confirmation(channel, topic, mailbox)
            yield mailbox
        finally:
            topic.mailboxes.discard(mailbox)
            topic.unsure.discard(mailbox)
            if not topic.mailboxes:
                self._topics.pop(channel, None)
                self._note_change(channel)

    async def stop(self) -> None:
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.gather(self._runner, return_exceptions=True)
        await self.client.aclose(close_connection_pool=True)

    def _note_change(self, channel: str) -> None:
        self._changed.add(channel)
        self._wake.set()
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())

    async def _confirmation(self, channel: str, topic: Topic, mailbox: Mailbox) -> None:
        if channel in self._confirmed or self._lost:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await topic.confirmed.wait()
        except TimeoutError:
            topic.unsure.add(mailbox)
            logger.warning("a stream begins without its subscription")

    # --- The connection ----------------------------------------------------------------------
    async def _run(self) -> None:
        while True:
            try:
                async with self.client.pubsub() as pubsub:
                    await self._follow_wanted(pubsub)
            except* (RedisError, OSError) as errors:
                self._note_outage(errors.exceptions[0])
            except* Exception:
                # Nobody awaits this task; a bug must not silence every stream for good.
                logger.exception("live streams: reading failed")
                self._note_outage(RuntimeError("see above"))
            await asyncio.sleep(PAUSE_SECONDS)

    def _note_outage(self, error: Exception) -> None:
        self._confirmed.clear()
        for topic in self._topics.values():
            topic.confirmed.clear()
        if not self._lost:
            logger.warning("live streams: the broker is unreachable (%s)", error)
        self._lost = True

    async def _follow_wanted(self, pubsub: PubSub) -> None:
        """Reads and subscribes until the connection is lost, which raises."""
        await pubsub.subscribe(channel_of(NOTICES, self._database))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read(pubsub))
            group.create_task(self._subscribe(pubsub))
            group.create_task(self._ping(pubsub))

    async def _subscribe(self, pubsub: PubSub) -> None:
        subscribed: set[str] = set()
        self._changed = set(self._topics)
        while True:
            self._wake.clear()
            changed, self._changed = self._changed, set()
            new = {c for c in changed if c in self._topics} - subscribed
            gone = {c for c in changed if c not in self._topics} & subscribed
            self._confirmed -= gone
            await self._send(pubsub.unsubscribe, gone)
            await self._send(pubsub.subscribe, new)
            subscribed = (subscribed | new) - gone
            _obey_cancellation()
            if self._lost:
                self._note_return()
            await self._wake.wait()

    async def _send(self, command: Callable, channels: set[str]) -> None:
        for batch in _batches(sorted(channels)):
            async with self._sending:
                await command(*batch)

    async def _ping(self, pubsub: PubSub) -> None:
        """Pings at fixed intervals, however busy the process is. Raises when nothing comes back."""
        missed = 0
        while missed < MISSED_PINGS:
            self._is_alive = False
            async with self._sending:
                await pubsub.ping()
            await asyncio.sleep(PING_SECONDS)
            _obey_cancellation()
            missed = 0 if self._is_alive else missed + 1
        raise ConnectionError("the broker doesn't answer")

    def _note_return(self) -> None:
        self._lost = False
        logger.warning("live streams: the broker is back")
        for topic in self._topics.values():
            for mailbox in topic.mailboxes:
                mailbox.ask_for_snapshot()

    async def _read(self, pubsub: PubSub) -> None:
        while True:
            # With a limit of its own: otherwise the socket's timeout would end the connection.
            message = await pubsub.get_message(timeout=PING_SECONDS)
            _obey_cancellation()
            if message is None:
                continue  # whether the broker is alive is checked by `_ping`
            self._is_alive = True
            take: Callable | None = self._takers.get(message["type"])
            if take is not None:
                take(self, message["channel"], message["data"])

    def _take_confirmation(self, channel: str, _) -> None:
        self._confirmed.add(channel)
        topic = self._topics.get(channel)
        if topic is not None:
            topic.confirmed.set()
            while topic.unsure:
                topic.unsure.pop().ask_for_snapshot()

    def _take_end(self, channel: str, _) -> None:
        # A stream that began meanwhile may have taken an older confirmation for its own.
        self._confirmed.discard(channel)
        topic = self._topics.get(channel)
        if topic is not None:
            topic.confirmed.clear()
            topic.unsure |= topic.mailboxes

    def _take_message(self, channel: str, text: str) -> None:
        if channel == channel_of(NOTICES, self._database):
            return self._take_notice(text)
        topic = self._topics.get(channel)
        if topic is not None:
            message_id, _, body = text.partition(" ")
            payload = json.loads(body)
            for mailbox in topic.mailboxes:
                mailbox.put(message_id, payload)

    def _take_notice(self, text: str) -> None:
        kind, _, body = text.partition(" ")
        if kind != END:
            return
        people = frozenset(json.loads(body))
        for topic in self._topics.values():
            for mailbox in topic.mailboxes:
                if not people.isdisjoint(mailbox.people):
                    mailbox.close()

    _takers = {
        "subscribe": _take_confirmation,
        "unsubscribe": _take_end,
        "message": _take_message,
    }


def _obey_cancellation() -> None:
    # Python 3.11's wait_for, which the Redis client uses, can swallow a cancellation.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _batches(channels: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(channels), BATCH):
        yield channels[start : start + BATCH]
