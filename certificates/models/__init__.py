from certificates.models.design import CourseDesign, Design
from certificates.models.issued import (
    Certificate,
    CertificateQuerySet,
    Rendition,
    Revocation,
    Standing,
)
from certificates.models.life import Reminder, Review, Validity
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
