"""Certificates in a person's copy: their rows, and every file that was given out."""

from collections.abc import Iterator

from certificates.evidence import packet_archive
from certificates.models import Certificate
from progress.models import User
from progress.own_data.parts import include, include_files, leave_out

STAFF = "Which member of the staff it was is their data."
OF_OTHERS = "The row is about another person; you only acted."
IN_FILES = "Among the files."

include(
    "certificates.Certificate",
    "certificates",
    "Your certificates.",
    without={"issued_by": STAFF},
)
leave_out(OF_OTHERS, "certificates.Certificate.issued_by")
include(
    "certificates.Rendition",
    "certificate-files",
    "Each file of a certificate that was given out.",
    "certificate__enrollment__user",
    columns=["user"],
    without=dict.fromkeys(["pdf", "badge", "picture"], IN_FILES),
)
include(
    "certificates.Packet",
    "certificate-evidence",
    "The evidence behind each of them.",
    "certificate__enrollment__user",
    columns=["user"],
    without={"sealed": IN_FILES},
)
include(
    "certificates.Revocation",
    "revocations",
    "Certificates of yours that are void, and why.",
    "certificate__enrollment__user",
    without={"revoked_by": STAFF},
)
include(
    "certificates.Review",
    "certificate-reviews",
    "Doubts about a certificate of yours.",
    "certificate__enrollment__user",
    without={"opened_by": STAFF, "closed_by": STAFF},
)
leave_out(
    OF_OTHERS,
    "certificates.Revocation.revoked_by",
    "certificates.Review.opened_by",
    "certificates.Review.closed_by",
)
include(
    "certificates.Reminder",
    "certificate-reminders",
    "Mails about certificates that expire.",
    "certificate__enrollment__user",
    columns=["user"],
)


@include_files
def files(user: User) -> Iterator[tuple[str, bytes]]:
    for certificate in Certificate.objects.filter(enrollment__user=user).order_by("pk"):
        for made in certificate.renditions.order_by("ordinal").iterator():
            name = f"{certificate.number}-{made.ordinal}"
            yield f"{name}.pdf", bytes(made.pdf)
            yield f"{name}.png", bytes(made.picture)
            if made.badge is not None:
                yield f"{name}-badge.json", bytes(made.badge)
        try:
            with packet_archive.archive(certificate) as evidence:
                yield f"{certificate.number}-evidence.zip", evidence.read()
        except packet_archive.NotSealed:
            continue
