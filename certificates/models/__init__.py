from certificates.models.certificate import (
    Certificate,
    CertificateQuerySet,
    CertificateStatus,
    Rendition,
    Revocation,
)
from certificates.models.design import CourseDesign, Design
from certificates.models.lifecycle import Reminder, Review, Validity
from certificates.models.packet import Packet

__all__ = [
    "Certificate",
    "CertificateQuerySet",
    "CertificateStatus",
    "CourseDesign",
    "Design",
    "Packet",
    "Reminder",
    "Rendition",
    "Review",
    "Revocation",
    "Validity",
]
