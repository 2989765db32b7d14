"""How often an account may ask, and how much of that is left: `RateLimit-*` headers.

A bucket of API_RATE_PER_MINUTE requests that fills evenly within a minute, one for each key, and
one for each account that is signed in by cookie. It is kept in Valkey for all processes, so the
headers are exact. Trackers have a bucket for each session instead (`employee.throttle`).
"""

import math
import time

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from .employee.throttle import take_from

PERIOD_SECONDS = 60


class AccountThrottle(BaseThrottle):
    """Without its store, everyone passes, and no header claims anything."""

    def __init__(self):
        self._wait = 0.0

    def allow_request(self, request, view) -> bool:
        ident = _ident(request)
        if ident is None:
            return True
        limit = settings.API_RATE_PER_MINUTE
        now, cost = time.time(), PERIOD_SECONDS / limit
        taken = take_from(f"rate:{ident}", now, cost, PERIOD_SECONDS)
        if taken is None:
            return True
        self._wait, full_at = taken
        filling = max(full_at - now, 0.0)
        request._request.rate_limit = {
            "RateLimit-Limit": limit,
            "RateLimit-Remaining": max(math.floor((PERIOD_SECONDS - filling) / cost + 1e-6), 0),
            "RateLimit-Reset": math.ceil(filling),
        }
        return self._wait <= 0

    def wait(self) -> float:
        return max(math.ceil(self._wait), 1)


def _ident(request) -> str | None:
    digest = getattr(request.auth, "digest", None)
    if digest is not None:
        return f"key:{digest[:32]}"
    is_account = bool(request.user and request.user.is_authenticated)
    is_session = getattr(request.auth, "session_id", None) is not None
    return f"account:{request.user.pk}" if is_account and not is_session else None
