"""Whether a badge still holds, for whoever has it and not this site: a Bitstring Status List (W3C).

A badge names its place in a list of what is void. The list is a signed credential of its own with a
bit for each certificate, made when it is asked for. Void is for good, as the standard wants it:
Open Badges have room for one list, so a certificate under review shows on its page only.
"""

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from certificates.badges import data_integrity, issuer, linked_data
from certificates.models import Certificate, Revocation

# The least that the standard allows: who fetches a list doesn't tell which badge it is for.
SIZE = 131_072


def entry(certificate: Certificate) -> dict:
    """Where a badge's bit is."""
    number, place = divmod(certificate.pk, SIZE)
    return {
        "id": f"{_address(number)}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place),
        "statusListCredential": _address(number),
    }


def make(number: int, now: datetime) -> dict | None:
    """The signed list as it is at `now`; None where there is none. Raises keys.UnusableKey."""
    places = range(number * SIZE, (number + 1) * SIZE)
    if not issuer.did() or not Certificate.objects.filter(_in(places, "pk")).exists():
        return None
    method, key = issuer.signing_key()
    created = linked_data.moment(now)
    listed = _credential(number, _bits(places), created)
    return data_integrity.prove(listed, key, method=method, created=created)


def _bits(places: range) -> bytes:
    """From the left, as the standard counts them."""
    bits = bytearray(SIZE // 8)
    for certificate_id in _void(places):
        place = certificate_id - places.start
        bits[place // 8] |= 0x80 >> place % 8
    return bytes(bits)


def _void(places: range) -> Iterable[int]:
    """Revoked, or issued anew with other facts."""
    revoked = Revocation.objects.filter(_in(places, "certificate_id"))
    replaced = Certificate.objects.filter(_in(places, "replaces_id")).order_by()
    return chain(
        revoked.values_list("certificate_id", flat=True),
        replaced.values_list("replaces_id", flat=True),
    )


def _credential(number: int, bits: bytes, created: str) -> dict:
    address = _address(number)
    packed = base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=")
    return {
        "@context": [linked_data.CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.did(),
        "validFrom": created,
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": f"u{packed.decode()}",
        },
    }


def _address(number: int) -> str:
    return f"{settings.PUBLIC_URL}{reverse('badge-status', args=[number])}"


def _in(places: range, name: str) -> Q:
    return Q((f"{name}__gte", places.start), (f"{name}__lt", places.stop))
