"""From a commit to the broker: one pipeline, never an error for whoever saved progress."""

import json
import logging
import time
from functools import cache

import redis
from django.conf import settings

from progress import tokens

logger = logging.getLogger(__name__)
KEPT = 100
KEPT_SECONDS = 3600
_PAUSE_SECONDS = 5
_out_of_reach_until = 0.0


def stream_key(user_id: int, course_id: int) -> str:
    return f"live:{user_id}:{course_id}"


CHANNEL = "live"


def stream_url(user_id: int, course_id: int) -> str:
    """The signed address of a learner's stream, relative to the site; valid for twelve hours."""
    token = tokens.issue_stream_token(tokens.StreamClaims(user_id, course_id))
    return f"/api/employee/stream/{user_id}/{course_id}?token={token}"


def push(user_id: int, course_id: int, body: dict) -> None:
    """Tell open pages what a learner now has. Never raises; pauses while the broker is away."""
    global _out_of_reach_until
    if time.monotonic() < _out_of_reach_until:
        return
    key = stream_key(user_id, course_id)
    told = json.dumps(body, separators=(",", ":"), default=str)
    try:
        _send(key, told)
    except redis.RedisError:
        _out_of_reach_until = time.monotonic() + _PAUSE_SECONDS
        logger.warning("The broker is out of reach; open pages will catch up later.")


def _send(key: str, told: str) -> None:
    script = _client().register_script(_APPEND_AND_TELL)
    script(keys=[key], args=[told, KEPT, KEPT_SECONDS, CHANNEL])


# The id that the stream gives is what subscribers are told, so both happen in one step.
_APPEND_AND_TELL = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'body', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], KEYS[1] .. ' ' .. id .. ' ' .. ARGV[1])
return id
"""


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.2)
