"""From where somebody asks."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the first of our own PROXY_COUNT proxies saw; without any, the caller's.

    What stands before it in X-Forwarded-For anybody can write there. What isn't an address there
    none of our proxies wrote.
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
