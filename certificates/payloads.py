"""What a certificate is worth today, and what answers and pages show of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from certificates import numbers
from certificates.models import Certificate, Packet, Rendition
from progress import live
from progress.models import CourseProgress

UNKNOWN = "unknown"


def verify_url(certificate: Certificate) -> str:
    path = reverse("verify-certificate", args=[numbers.show_code(certificate.code)])
    return f"{settings.PUBLIC_URL}{path}"


def answer(enrollment_id: int) -> dict | None:
    """`{number, verify_url, pdf_url, status}` of an enrolment's certificate; None without one."""
    return answers([enrollment_id]).get(enrollment_id)


def answers(enrollment_ids: Iterable[int]) -> dict[int, dict]:
    """The same by enrolment, of those that have one; one statement."""
    found = Certificate.objects.newest().with_standing().filter(enrollment_id__in=enrollment_ids)
    return {each.enrollment_id: _answer(each) for each in found}


def _answer(certificate: Certificate) -> dict:
    return {
        "number": certificate.number,
        "verify_url": verify_url(certificate),
        "pdf_url": reverse("certificate-pdf", args=[certificate.number]),
        "status": certificate.standing,
    }


def tell(certificate: Certificate) -> None:
    """Show it on the learner's open pages; call it after commit."""
    progress = CourseProgress.objects.get(pk=certificate.enrollment_id)
    course = {
        "course_id": progress.course_id,
        "completion_percentage": progress.completion_bp / 100,
        "is_complete": progress.completed_at is not None,
        "time_spent_seconds": progress.time_ms / 1000,
        "event_count": progress.chain_length,
    }
    body = {"contents": [], "modules": [], "course": course}
    body["certificate"] = answer(certificate.enrollment_id)
    live.push(certificate.user_id, certificate.course_id, body)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What anybody may know: no more than the certificate says itself.

    Numbers can be counted through, so whoever has only one isn't shown the certificate.
    """

    status: str
    certificate: Certificate | None = None  # None also where only the number was given
    signed_by: str = ""
    reason: str = ""  # why it isn't known, where that can be told


def verify(text: str) -> Verdict:
    """By code or number, as somebody typed it, or by the address that the QR code has.

    By number only its standing: whose it is takes the code, which can't be guessed, or the file.
    """
    typed = text.rstrip("/").rpartition("/")[2]
    known = Certificate.objects.with_standing()
    code = numbers.read_code(typed)
    if code and (found := known.filter(code=code).first()):
        return Verdict(found.standing, found)
    number = numbers.read_number(typed)
    if number and (found := known.filter(number=number).first()):
        return Verdict(found.standing)
    return Verdict(UNKNOWN)


def verify_file(sha256: str) -> Verdict:
    """By a PDF's hash: any file that was ever given out, and who signed it."""
    made = Rendition.objects.filter(sha256=sha256).values("certificate_id", "signed_by").first()
    if made is None:
        return Verdict(UNKNOWN)
    found = Certificate.objects.with_standing().get(pk=made["certificate_id"])
    return Verdict(found.standing, found, made["signed_by"])


def seal(certificate: Certificate) -> str:
    """The SHA-256 that its evidence is sealed with; empty while it isn't."""
    found = Packet.objects.filter(certificate=certificate).values_list("sha256", flat=True)
    return found.first() or ""
