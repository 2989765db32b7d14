"""Whether a badge still holds, for whoever has it and not this site: Bitstring Status Lists (W3C).

A badge names its place in two lists, one of what is void for good, one of what is in doubt. Each is
a signed credential of its own with a bit for each certificate, made when it is asked for.
"""

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from certificates import data_integrity, issuer, linked_data
from certificates.models import Certificate, Review, Revocation

# The least that the standard allows: who fetches a list doesn't tell which badge it is for.
SIZE = 131_072


def _void(places: range) -> Iterable[int]:
    """Revoked, or issued anew with other facts."""
    revoked = Revocation.objects.filter(_in(places, "certificate_id"))
    replaced = Certificate.objects.filter(_in(places, "replaces_id")).order_by()
    return chain(
        revoked.values_list("certificate_id", flat=True),
        replaced.values_list("replaces_id", flat=True),
    )


def _doubted(places: range) -> Iterable[int]:
    """Under review."""
    reviews = Review.objects.open().filter(_in(places, "certificate_id")).order_by()
    return reviews.values_list("certificate_id", flat=True)


PURPOSES = {"revocation": _void, "suspension": _doubted}


def entries(certificate: Certificate) -> list[dict]:
    """Where a badge's bits are."""
    number, place = divmod(certificate.pk, SIZE)
    return [
        {
            "id": f"{_address(purpose, number)}#{place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(place),
            "statusListCredential": _address(purpose, number),
        }
        for purpose in PURPOSES
    ]


def make(purpose: str, number: int, now: datetime) -> dict | None:
    """The signed list as it is at `now`; None where there is none. Raises keys.UnusableKey."""
    places = range(number * SIZE, (number + 1) * SIZE)
    if purpose not in PURPOSES or not issuer.did():
        return None
    if not Certificate.objects.filter(_in(places, "pk")).exists():
        return None
    bits = bytearray(SIZE // 8)
    for certificate_id in PURPOSES[purpose](places):
        place = certificate_id - places.start
        bits[place // 8] |= 0x80 >> place % 8
    method, key = issuer.signing_key()
    created = linked_data.moment(now)
    listed = _credential(purpose, number, bits, created)
    return data_integrity.prove(listed, key, method=method, created=created)


def _credential(purpose: str, number: int, bits: bytes, created: str) -> dict:
    address = _address(purpose, number)
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
            "statusPurpose": purpose,
            "encodedList": f"u{packed.decode()}",
        },
    }


def _address(purpose: str, number: int) -> str:
    return f"{settings.PUBLIC_URL}{reverse('badge-status', args=[purpose, number])}"


def _in(places: range, name: str) -> Q:
    return Q((f"{name}__gte", places.start), (f"{name}__lt", places.stop))
