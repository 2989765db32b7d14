"""From a request, after its commit, to every stream that follows the learner."""

from functools import cache
from threading import Event

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from progress.operations.broker import Breaker

from .messages import render
from .topics import KEPT, KEPT_SECONDS, KEPT_SINCE, channel_of, key_of

TIMEOUT_SECONDS = 0.2

# One script, because followers need the id that the broker gives the message.
PUSH = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'body', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[2], id .. ' ' .. ARGV[1])
"""
# After messages that never came nobody who comes back is told that they missed nothing.
FORGET = """
local now = redis.call('TIME')
redis.call('SET', KEYS[1], string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + 1))
"""

_breaker = Breaker("live progress")
_has_lost = Event()


def push(user_id: int, course_id: int, body: dict) -> None:
    """Tell open pages: `body` is an answer's contents, modules, course and certificate.

    Call it after commit. Never raises and never waits long: progress is saved, and whoever missed
    a push gets a snapshot when they connect again.
    """
    if not _breaker.call(_push, key_of(user_id, course_id), render(body)):
        _has_lost.set()


def _push(key: str, text: str) -> None:
    client, script, database = _broker()
    if _has_lost.is_set():
        client.eval(FORGET, 1, KEPT_SINCE)
        _has_lost.clear()
    script(keys=[key], args=[text, channel_of(key, database), KEPT, KEPT_SECONDS])


@cache
def _broker():
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    database = client.connection_pool.connection_kwargs.get("db") or 0
    return client, client.register_script(PUSH), database
