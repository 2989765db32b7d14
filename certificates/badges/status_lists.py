"""Tells other sites whether a badge was revoked, by a Bitstring Status List (W3C).

A badge names its position in a list of revoked ones. The list is a signed credential of its own
with a bit for each certificate, made on request. Revocation is final, as the standard requires.
Open Badges have room for one list, so "under review" is shown on the certificate's page only.
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

# The minimum of the standard: fetching so long a list doesn't reveal which badge is checked.
SIZE = 131_072


def entry(certificate: Certificate) -> dict:
    """Returns the part of a badge that says where its bit is."""
    number, index = divmod(certificate.pk, SIZE)
    return {
        "id": f"{_address(number)}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": _address(number),
    }


def make(number: int, now: datetime) -> dict | None:
    """Returns the signed list as of `now`; None if there is none. Raises keys.UnusableKey."""
    ids = range(number * SIZE, (number + 1) * SIZE)
    if not issuer.did() or not Certificate.objects.filter(_in(ids, "pk")).exists():
        return None
    method, key = issuer.signing_key()
    created = linked_data.moment(now)
    listed = _credential(number, _bits(ids), created)
    return data_integrity.prove(listed, key, method=method, created=created)


def _bits(ids: range) -> bytes:
    """Returns the list's bits, counted from the left as in the standard."""
    bits = bytearray(SIZE // 8)
    for certificate_id in _revoked(ids):
        index = certificate_id - ids.start
        bits[index // 8] |= 0x80 >> index % 8
    return bytes(bits)


def _revoked(ids: range) -> Iterable[int]:
    """Yields the ids of certificates that were revoked or replaced."""
    revoked = Revocation.objects.filter(_in(ids, "certificate_id"))
    replaced = Certificate.objects.filter(_in(ids, "replaces_id")).order_by()
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


def _in(ids: range, name: str) -> Q:
    return Q((f"{name}__gte", ids.start), (f"{name}__lt", ids.stop))
