"""How often something may be asked for from one address, signed in or not."""

import logging

from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)


class AddressThrottle(SimpleRateThrottle):
    """Limits requests by client address. A subclass says its `scope` and `rate`.

    If its store is unreachable, requests pass: answering matters more than the limit.
    """

    def allow_request(self, request, view):
        try:
            self._clamp_future_requests(self.get_cache_key(request, view))
            return super().allow_request(request, view)
        except RedisError:
            logger.warning("The throttle's store is unreachable; requests pass unthrottled.")
            return True

    def _clamp_future_requests(self, key: str) -> None:
        """Treats stored requests in the future, left by a clock that was set back, as made now.

        They still count, and nobody waits longer than the rate's own period.
        """
        now, moments = self.timer(), self.cache.get(key, [])
        bounded = [min(moment, now) for moment in moments]
        if bounded != moments:
            self.cache.set(key, bounded, self.duration)

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class PasswordResetThrottle(AddressThrottle):
    """A classroom shares an address, and may forget its passwords on the same morning."""

    scope = "password_reset"
    rate = "60/hour"
