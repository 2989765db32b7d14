"""Which hosts belong to the public internet: what strangers name must not lead anywhere else.

A name is checked when the connection is made, on the very address that is then connected to: a
name that is checked first and resolved again later can lead somewhere else by then.
"""

import ipaddress
import socket
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import SplitResult

PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What Python's `is_global` takes for public, in some of its versions, and is not: of protocols and
# documents (IANA's registries of special addresses), and where clouds tell machines their keys.
NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
            *("64:ff9b:1::/48", "3fff::/20", "5f00::/16"),
        ),
    )
)


class ForbiddenAddress(Exception):
    """The host leads to an address that isn't public."""


def port_of(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def is_private_by_itself(host: str) -> bool:
    """Whether a host can't be a public one, without asking a name server."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        # Also finds addresses in odd spellings, such as 2130706433 or 0x7f.1; makes no look-up.
        found = socket.getaddrinfo(name, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return not all(is_public(str(sockaddr[0])) for *_rest, sockaddr in found)


def resolve(host: str, port: int, *, seconds: float, allow_private: bool) -> list[str]:
    """The addresses of `host`. Raises ForbiddenAddress if any of them isn't public, and OSError;
    TimeoutError where the name servers take longer than `seconds`."""
    found = _look_up(host, port, seconds)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_rest, sockaddr in found))
    if not allow_private and not all(map(is_public, addresses)):
        raise ForbiddenAddress("The host leads to an address that isn't public.")
    return addresses


def _look_up(host: str, port: int, seconds: float) -> list[tuple]:
    """In a thread of its own: the system's look-up takes no deadline."""
    results: SimpleQueue = SimpleQueue()

    def look_up() -> None:
        try:
            results.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            results.put(error)

    Thread(target=look_up, name="host-names", daemon=True).start()
    try:
        found = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(found, Exception):
        raise OSError(f"{host}: {getattr(found, 'strerror', None) or found}") from found
    return found


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet, also behind those that wrap another."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = _wrapped(address)
    if inner is not None and not is_public(str(inner)):
        return False
    if any(address in network for network in NOT_PUBLIC):
        return False
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    if isinstance(address, ipaddress.IPv6Address):
        is_special = is_special or address.is_site_local
        if address in NAT64 or address.ipv4_mapped:
            return inner is not None
    return address.is_global and not is_special


def _wrapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address is translated or tunnelled to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
