from certificates.models.certificate import (
    Certificate,
    CertificateQuerySet,
    Rendition,
    Revocation,
    Standing,
)
from certificates.models.design import CourseDesign, Design
from certificates.models.lifecycle import Reminder, Review, Validity
from certificates.models.packet import Packet

__all__ = [
    "Certificate",
    "CertificateQuerySet",
    "CourseDesign",
    "Design",
    "Packet",
    "Reminder",
    "Rendition",
    "Review",
    "Revocation",
    "Standing",
    "Validity",
]
