"""Throttling by session, never by IP address: a whole classroom may share one address.

The bucket is kept in Valkey, for all processes. A process lets a session's ordinary reports pass
without asking there, up to LEASE at once and one a second after that, and charges them with the
next request that does ask. So the bucket is exact where one process serves a session; where n do,
a session may have up to (n - 1) x LEASE requests more at once, and n more a second.
"""

import logging
import math
import time
from collections import OrderedDict
from threading import Lock

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)
BUCKET = 120
REFILL_PER_SECOND = 10
LEASE = 20
COST = 1 / REFILL_PER_SECOND  # what a request takes, in seconds of refilling
CAPACITY = BUCKET * COST

# The generic cell rate algorithm: one number, the moment at which the bucket is full again.
# KEYS[1] the session; ARGV: now, seconds a request takes from the bucket, the bucket in seconds.
# Clocks are set back, and servers' clocks differ: a moment further ahead than an empty bucket's
# (plus a second for rounding) can't be right, and is replaced by now.
# Returns the seconds to wait, 0 for none, and when the bucket is full again.
TAKE = """
local now, cost, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
if full_at < now or full_at > now + capacity + 1 then full_at = now end
local wait = full_at + cost - now - capacity
if wait > 0 then return {string.format('%.6f', wait), string.format('%.6f', full_at)} end
redis.call('SET', KEYS[1], string.format('%.6f', full_at + cost), 'EX', 120)
return {'0', string.format('%.6f', full_at + cost)}
"""


class _Lease:
    """What one process has let pass of one session. Moments, like the bucket's own."""

    __slots__ = ("charged_until", "full_at", "known_until")

    def __init__(self) -> None:
        self.full_at = 0.0  # when the lease is whole again
        self.charged_until = 0.0  # of a bucket that only has what isn't charged yet
        self.known_until = 0.0  # of the shared bucket, when it was last asked


_leases: OrderedDict[str, _Lease] = OrderedDict()
_MAX_LEASES = 50_000
_lock = Lock()


def take_here(session: str) -> bool:
    """Take a request out of a session's bucket without asking Valkey; False: it must be asked."""
    now = time.time()
    with _lock:
        lease = _lease_of(session)
        full_at = _sane(lease.full_at, now, LEASE) + 1
        own = _sane(lease.charged_until, now, CAPACITY) + COST
        known = _sane(lease.known_until, now, CAPACITY)
        if full_at - now > LEASE or known + own - now - now > CAPACITY:
            return False
        lease.full_at, lease.charged_until = full_at, own
    return True


def _lease_of(session: str) -> _Lease:
    lease = _leases.get(session)
    if lease is None:
        lease = _leases[session] = _Lease()
        if len(_leases) > _MAX_LEASES:
            _leases.popitem(last=False)
    return lease


def _sane(moment: float, now: float, longest: float) -> float:
    """`moment`, or now where it is past, or further ahead than any of ours can be."""
    return moment if now < moment <= now + longest + 1 else now


class SessionThrottle(BaseThrottle):
    """120 requests at once, refilled by 10 a second; without its store, everyone passes."""

    def __init__(self):
        self._wait = 0.0

    def allow_request(self, request, view) -> bool:
        session = view.throttled_session(request)
        if session is None:
            return True
        self._wait = _take(str(session), time.time())
        return self._wait <= 0

    def wait(self) -> float:
        return max(math.ceil(self._wait), 1)


def _take(session: str, now: float) -> float:
    """Take a request, and what passed here uncharged. Returns the seconds to wait, or 0."""
    with _lock:
        lease = _lease_of(session)
        uncharged = _sane(lease.charged_until, now, CAPACITY) - now
    taken = take_from(f"throttle:{session}", now, COST + uncharged, CAPACITY)
    if taken is None:
        return 0.0
    wait, full_at = taken
    with _lock:
        lease.known_until = full_at
        if wait <= 0:
            # What passed here meanwhile stays uncharged.
            lease.charged_until = max(lease.charged_until - uncharged, 0.0)
    return wait


def take_from(key: str, now: float, cost: float, capacity: float) -> tuple[float, float] | None:
    """Take `cost` out of a shared bucket; all in seconds.

    Returns the seconds to wait, 0 for none, and the moment at which the bucket is full again; None
    without its store: saving progress matters more than throttling it.
    """
    try:
        client = cache._cache.get_client(key, write=True)
        wait, full_at = client.eval(TAKE, 1, key, now, cost, capacity)
    except RedisError:
        logger.warning("The throttle's store is unreachable; requests pass unthrottled.")
        return None
    return float(wait), float(full_at)
