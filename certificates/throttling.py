"""How often somebody may ask whether a certificate is genuine."""

import logging

from redis.exceptions import RedisError
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)


class VerifyThrottle(SimpleRateThrottle):
    """By address, signed in or not: codes can't be tried out.

    Without its store, everyone passes.
    """

    scope = "verify"
    rate = "60/min"

    def allow_request(self, request, view):
        try:
            self._forget_the_future(self.get_cache_key(request, view))
            return super().allow_request(request, view)
        except RedisError:
            # A code has 80 bits: the answer matters more than the limit.
            logger.warning("The throttle's store is out of reach; requests pass unthrottled.")
            return True

    def _forget_the_future(self, key: str) -> None:
        """A clock that was set back leaves requests that are still to come: they were just now.

        They go on counting, and nobody waits longer than the rate's own period.
        """
        now, asked = self.timer(), self.cache.get(key, [])
        bounded = [min(moment, now) for moment in asked]
        if bounded != asked:
            self.cache.set(key, bounded, self.duration)

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
