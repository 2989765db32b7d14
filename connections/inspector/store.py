"""The last requests of each watched target, for a quarter of an hour, in Redis."""

import json
from functools import cache

import redis
from django.conf import settings

MAX_ENTRIES = 200
KEPT_SECONDS = 900
TIMEOUT_SECONDS = 0.5


def client() -> redis.Redis:
    """This process's client, which keeps its connections.

    A client for each question would leave its parser and its buffers until Python looks for cycles.
    """
    return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    )


def add(target: str, entry: dict) -> None:
    """Adds a request with its answer. Raises RedisError."""
    number = client().incr(_counter(target))
    with client().pipeline() as pipeline:
        pipeline.rpush(_rows(target), json.dumps({"number": number} | entry))
        pipeline.ltrim(_rows(target), -MAX_ENTRIES, -1)
        pipeline.expire(_rows(target), KEPT_SECONDS)
        pipeline.expire(_counter(target), KEPT_SECONDS)
        pipeline.execute()


def entries(target: str, after: int = 0) -> list[dict]:
    """The requests after the one with this number, oldest first. Raises RedisError."""
    rows = [json.loads(row) for row in client().lrange(_rows(target), 0, -1)]
    return [row for row in rows if row["number"] > after]


def _rows(target: str) -> str:
    return f"inspector:rows:{target}"


def _counter(target: str) -> str:
    return f"inspector:count:{target}"
