"""How often a certificate may be verified from one address."""

from progress.security.throttling import AddressThrottle


class VerifyThrottle(AddressThrottle):
    """So that codes can't be tried out; a code has 80 bits."""

    scope = "verify"
    rate = "60/min"
