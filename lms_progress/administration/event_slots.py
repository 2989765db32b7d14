"""What events say of certificates and alerts, without `connections` importing them."""

from collections.abc import Collection
from datetime import datetime

from analytics.models import Alert
from certificates import payloads
from certificates.models import Certificate

from . import certificate_slots


def certificates(ids: Collection[int]) -> dict[int, dict]:
    """Returns what events say of each certificate."""
    found = Certificate.objects.with_status().filter(pk__in=ids)
    return {each.pk: _certificate(each) for each in found}


def _certificate(certificate: Certificate) -> dict:
    revocation = getattr(certificate, "revocation", None)
    payload = {
        "certificate_number": certificate.number,
        "status": certificate.status,
        "learner_name": certificate.learner_name,
        "course_title": certificate.course_title,
        "completed_at": certificate.completed_at,
        "issued_at": certificate.issued_at,
        "expires_at": certificate.expires_at,
        "verify_url": payloads.verify_url(certificate),
    }
    if revocation is not None:
        payload |= {"revoked_at": revocation.revoked_at, "revoked_reason": revocation.reason}
    return payload


def alerts(ids: Collection[int]) -> dict[int, dict]:
    """Returns what events say of each alert."""
    names = ("kind", "state", "facts", "since", "opened_at", "closed_at", "closing")
    found = Alert.objects.filter(pk__in=ids)
    return {each.pk: {name: getattr(each, name) for name in names} for each in found}


def expiring_certificates(now: datetime, until: datetime) -> list[tuple]:
    """Returns (id, user id, course id, enrolment id, expiry) of certificates that expire soon."""
    rows = certificate_slots.ending(now, until).order_by("pk")
    return list(rows.values_list("pk", "user_id", "course_id", "enrollment_id", "expires_at"))
