"""What answers, pages and the live stream show of a learner's certificate."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from certificates import numbers
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
