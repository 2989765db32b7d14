"""What the admin's pages of one wing show of the other."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from certificates.models import Certificate


def expiring(course_ids: Collection[int], department: str, now: datetime, until: datetime) -> int:
    """How many certificates that are in force now end by `until`; `department` "" means all."""
    rows = ending(now, until).filter(course__in=course_ids)
    return (rows.filter(user__department=department) if department else rows).count()


def ending(now: datetime, until: datetime) -> QuerySet[Certificate]:
    """Those that are in force now and end by `until`."""
    return Certificate.objects.newest().filter(
        revocation=None, expires_at__gt=now, expires_at__lte=until
    )


def certified(
    enrollments: Collection[int] | QuerySet, moment: datetime
) -> dict[int, tuple[datetime | None, datetime | None]]:
    """By enrolment, when what was issued by `moment` ends, and when it was revoked; the newest."""
    rows = (
        Certificate.objects.filter(enrollment__in=enrollments, issued_at__lte=moment)
        .order_by("enrollment_id", "-ordinal")
        .distinct("enrollment_id")
    )
    told = rows.values_list("enrollment_id", "expires_at", "revocation__revoked_at")
    return {enrollment: (ends, revoked) for enrollment, ends, revoked in told}


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
