"""What analytics shows of certificates and signs with their key, without importing them."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from certificates.models import Certificate


def ending(now: datetime, until: datetime) -> QuerySet[Certificate]:
    """Returns the valid certificates that expire by `until`."""
    return Certificate.objects.newest().filter(
        revocation=None, expires_at__gt=now, expires_at__lte=until
    )


def certified(
    enrollments: Collection[int] | QuerySet, moment: datetime
) -> dict[int, tuple[datetime | None, datetime | None]]:
    """Returns (expires_at, revoked_at) of each enrolment's newest certificate at `moment`."""
    rows = (
        Certificate.objects.filter(enrollment__in=enrollments, issued_at__lte=moment)
        .order_by("enrollment_id", "-ordinal")
        .distinct("enrollment_id")
    )
    values = rows.values_list("enrollment_id", "expires_at", "revocation__revoked_at")
    return {enrollment: (ends, revoked) for enrollment, ends, revoked in values}


def signed(pdf: bytes) -> bytes:
    """Returns the PDF with the issuer's signature in it. Raises keys.UnusableKey."""
    return _pades().sign(pdf)[0]


def signed_beside(digest: bytes) -> bytes:
    """Returns a detached signature of the file with this SHA-256. Raises keys.UnusableKey."""
    return _pades().sign_detached(digest)


def _pades():
    """Imported when a file is signed, not when the process starts: it costs 25 MB."""
    from certificates.signing import pades

    return pades
