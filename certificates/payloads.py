"""What answers, pages and the live stream show of a learner's certificate."""

from collections.abc import Iterable
from typing import TypedDict
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from certificates import numbers, validity
from certificates.models import Certificate
from progress import live
from progress.models import CourseProgress
from progress.state.answers import CertificateAnswer
from progress.state.payloads import live_payload


def verify_url(certificate: Certificate) -> str:
    path = reverse("verify-certificate", args=[numbers.show_code(certificate.code)])
    return f"{settings.PUBLIC_URL}{path}"


def certificate_payload(enrollment_id: int) -> CertificateAnswer | None:
    """Returns the entry in answers of an enrolment's certificate, or None."""
    return certificate_payloads([enrollment_id]).get(enrollment_id)


def certificate_payloads(enrollment_ids: Iterable[int]) -> dict[int, CertificateAnswer]:
    """Returns the payloads of those enrolments that have a certificate. One query."""
    found = Certificate.objects.newest().with_status().filter(enrollment_id__in=enrollment_ids)
    return {
        certificate.enrollment_id: {
            "number": certificate.number,
            "verify_url": verify_url(certificate),
            "pdf_url": reverse("certificate-pdf", args=[certificate.number]),
            "status": certificate.status,
        }
        for certificate in found
    }


class ShareLinks(TypedDict):
    """Where a certificate is shown, checked and downloaded; "" for what there isn't."""

    status: str
    number: str
    page_url: str
    verify_url: str
    pdf_url: str
    badge_url: str
    badge_picture_url: str
    linkedin_url: str
    score_percent: int | None


def own_share_links(enrollment_id: int) -> ShareLinks | None:
    """Returns the links of the enrolment's newest certificate, or None without one. Two queries."""
    certificates = Certificate.objects.newest().with_status()
    found = certificates.filter(enrollment_id=enrollment_id).first()
    return found and share_links(found)


def share_links(certificate: Certificate) -> ShareLinks:
    """Returns the links; `certificate` has its status annotated. One query."""
    number = certificate.number
    has_badge = certificate.renditions.exclude(badge=None).exists()
    return {
        "status": certificate.status,
        "number": number,
        "page_url": reverse("certificate", args=[number]),
        "verify_url": verify_url(certificate),
        "pdf_url": reverse("certificate-pdf", args=[number]),
        "badge_url": reverse("certificate-badge", args=[number]) if has_badge else "",
        "badge_picture_url": reverse("certificate-badge-picture", args=[number])
        if has_badge
        else "",
        "linkedin_url": _linkedin_url(certificate) if settings.PUBLIC_URL else "",
        "score_percent": None if certificate.score_bp is None else certificate.score_bp // 100,
    }


def _linkedin_url(certificate: Certificate) -> str:
    """The form in which members add a certificate to their profile, filled in."""
    zone = timezone.get_default_timezone()
    issued = certificate.issued_at.astimezone(zone)
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": certificate.course_title,
        "organizationName": certificate.issuer or settings.CERTIFICATE_ISSUER,
        "issueYear": issued.year,
        "issueMonth": issued.month,
        "certUrl": verify_url(certificate),
        "certId": certificate.number,
    }
    if certificate.expires_at is not None:
        last_day = validity.last_day_of(certificate.expires_at, zone)
        fields |= {"expirationYear": last_day.year, "expirationMonth": last_day.month}
    return f"https://www.linkedin.com/profile/add?{urlencode(fields)}"


def push_certificate(certificate: Certificate) -> None:
    """Shows the certificate on the learner's open pages. Call it after commit."""
    progress = CourseProgress.objects.get(pk=certificate.enrollment_id)
    body = live_payload(
        progress,
        contents=[],
        modules={},
        bp=progress.completion_bp,
        is_complete=progress.completed_at is not None,
        certificate=certificate_payload(certificate.enrollment_id),
    )
    live.push(certificate.user_id, certificate.course_id, body)
