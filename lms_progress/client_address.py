"""The client's IP address behind reverse proxies."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Returns the address that the first of our PROXY_COUNT proxies saw, or else the peer's.

    Clients can write anything before it in X-Forwarded-For. A value that isn't an address was not
    written by our proxies.
    """
    caller = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    seen = [address.strip() for address in forwarded.split(",") if address.strip()]
    if not settings.PROXY_COUNT or not seen:
        return caller
    address = seen[-min(settings.PROXY_COUNT, len(seen))]
    try:
        return str(ip_address(address))
    except ValueError:
        return caller
