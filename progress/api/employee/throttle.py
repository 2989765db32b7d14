"""Throttling by session, never by IP address: a whole classroom may share one address."""

import logging
import math
import time

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)
BUCKET = 120
REFILL_PER_SECOND = 10

# The generic cell rate algorithm: one number, the moment at which the bucket is full again.
# KEYS[1] the session; ARGV: now, seconds a request takes from the bucket, the bucket in seconds.
# Clocks are set back, and servers' clocks differ: a moment further ahead than an empty bucket's
# (plus a second for rounding) can't be right, and is replaced by now.
_TAKE = """
local now, cost, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
if full_at < now or full_at > now + capacity + 1 then full_at = now end
local wait = full_at + cost - now - capacity
if wait > 0 then return string.format('%.6f', wait) end
redis.call('SET', KEYS[1], string.format('%.6f', full_at + cost), 'EX', 60)
return '0'
"""


class SessionThrottle(BaseThrottle):
    """120 requests at once, refilled by 10 a second; without its store, everyone passes."""

    def __init__(self):
        self._wait = 0.0

    def allow_request(self, request, view) -> bool:
        session = view.throttled_session(request)
        if session is None:
            return True
        self._wait = _take(f"throttle:{session}", time.time())
        return self._wait <= 0

    def wait(self) -> float:
        return max(math.ceil(self._wait), 1)


def _take(key: str, now: float) -> float:
    """Take a request out of a session's bucket. Returns the seconds to wait, or 0."""
    try:
        client = cache._cache.get_client(key, write=True)
        return float(
            client.eval(_TAKE, 1, key, now, 1 / REFILL_PER_SECOND, BUCKET / REFILL_PER_SECOND)
        )
    except RedisError:
        # Saving progress matters more than throttling it.
        logger.warning("The throttle's store is out of reach; requests pass unthrottled.")
        return 0.0
