"""Sends progress to every stream that follows the learner, after a request's commit."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from threading import Event
from typing import NamedTuple

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from progress.operations.broker import Breaker

from .messages import render
from .topics import END, KEPT, KEPT_SECONDS, KEPT_SINCE, NOTICES, channel_of, key_of

TIMEOUT_SECONDS = 0.2

# One script, because followers need the id that the broker gives the message; and for all messages
# at once, because each command costs more than what it does. KEYS their streams, ARGV how many
# are kept and for how long, then the channel and the body of each.
PUSH = """
for number, key in ipairs(KEYS) do
    local channel, body = ARGV[2 * number + 1], ARGV[2 * number + 2]
    local id = redis.call('XADD', key, 'MAXLEN', '~', ARGV[1], '*', 'body', body)
    redis.call('EXPIRE', key, ARGV[2])
    redis.call('PUBLISH', channel, id .. ' ' .. body)
end
"""
# Run after pushes were lost: clients that come back then get a snapshot, since `history` can't
# know what they missed.
FORGET = """
local now = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + 1))
"""

_breaker = Breaker("live progress")
_has_lost = Event()


class Push(NamedTuple):
    """One message; `body` has an answer's contents, modules, course and certificate."""

    user_id: int
    course_id: int
    body: Mapping


def push(user_id: int, course_id: int, body: Mapping) -> None:
    """Sends one push to the open pages of a learner in a course."""
    push_all([Push(user_id, course_id, body)])


def push_all(pushes: Sequence[Push]) -> None:
    """Sends pushes to open pages, in one round trip.

    Call it after commit. Never raises and never waits long: progress is saved, and a client that
    missed a push gets a snapshot when it connects again.
    """
    if pushes and not _breaker.call(_push, pushes):
        _has_lost.set()


def end_streams(user_ids: Collection[int]) -> None:
    """Ends the open streams that these people read, or that show their progress.

    Call it after commit. Streams that the broker can't reach now end by themselves, within a
    quarter of an hour.
    """
    if user_ids:
        _breaker.call(_end, user_ids)


def _end(user_ids: Collection[int]) -> None:
    client, database = _broker()
    client.publish(channel_of(NOTICES, database), f"{END} {json.dumps(sorted(user_ids))}")


def _push(pushes: Sequence[Push]) -> None:
    client, database = _broker()
    pipeline = client.pipeline(transaction=False)
    if _has_lost.is_set():
        _has_lost.clear()  # and set again if this fails as well
        pipeline.eval(FORGET, 1, KEPT_SINCE)
    keys = [key_of(user_id, course_id) for user_id, course_id, _ in pushes]
    messages: list[str] = []
    for key, (_, _, body) in zip(keys, pushes, strict=True):
        messages += (channel_of(key, database), render(body))
    pipeline.eval(PUSH, len(keys), *keys, KEPT, KEPT_SECONDS, *messages)
    pipeline.execute()


@cache
def _broker():
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    database = client.connection_pool.connection_kwargs.get("db") or 0
    return client, database
