"""How often somebody may ask whether a certificate is genuine."""

from rest_framework.throttling import SimpleRateThrottle


class VerifyThrottle(SimpleRateThrottle):
    """By address, signed in or not: codes can't be tried out."""

    scope = "verify"
    rate = "60/min"

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}
