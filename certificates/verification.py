"""Whether a certificate is genuine and valid today, asked by number, code or file."""

from dataclasses import dataclass

from certificates import numbers
from certificates.models import Certificate, Packet, Rendition

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What anybody may know: no more than the certificate says itself.

    Numbers can be guessed by counting, so a number alone doesn't show the certificate.
    """

    status: str
    certificate: Certificate | None = None  # None also where only the number was given
    signed_by: str = ""
    reason: str = ""  # why it isn't known, where that can be said


def verify(text: str) -> Verdict:
    """Looks up a code or number as a person typed it, or the address in the QR code.

    A number gives the status only: the name takes the code, which can't be guessed, or the file.
    """
    typed = text.rstrip("/").rpartition("/")[2]
    certificates = Certificate.objects.with_status()
    code = numbers.read_code(typed)
    if code and (found := certificates.filter(code=code).first()):
        return Verdict(found.status, found)
    number = numbers.read_number(typed)
    if number and (found := certificates.filter(number=number).first()):
        return Verdict(found.status)
    return Verdict(UNKNOWN)


def verify_file(sha256: str) -> Verdict:
    """Looks up any PDF that was ever given out by its hash, and says who signed it."""
    made = Rendition.objects.filter(sha256=sha256).values("certificate_id", "signed_by").first()
    if made is None:
        return Verdict(UNKNOWN)
    found = Certificate.objects.with_status().get(pk=made["certificate_id"])
    return Verdict(found.status, found, made["signed_by"])


def evidence_sha256(certificate: Certificate) -> str:
    """Returns the SHA-256 of the sealed evidence; "" until it is sealed."""
    found = Packet.objects.filter(certificate=certificate).values_list("sha256", flat=True)
    return found.first() or ""
