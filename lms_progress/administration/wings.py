"""What the admin's pages of one wing show of the other."""

from collections.abc import Collection
from datetime import datetime

from certificates.models import Certificate


def expiring(course_ids: Collection[int], department: str, now: datetime, until: datetime) -> int:
    """How many certificates that are in force now end by `until`; `department` "" means all."""
    rows = Certificate.objects.newest().filter(
        course__in=course_ids, revocation=None, expires_at__gt=now, expires_at__lte=until
    )
    return (rows.filter(user__department=department) if department else rows).count()
