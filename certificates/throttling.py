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
            return super().allow_request(request, view)
        except RedisError:
            # A code has 80 bits: the answer matters more than the limit.
            logger.warning("The throttle's store is out of reach; requests pass unthrottled.")
            return True

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
