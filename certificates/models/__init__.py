from certificates.models.issued import (
    Certificate,
    CertificateQuerySet,
    Rendition,
    Revocation,
    Standing,
)
from certificates.models.life import Reminder, Review, Validity

__all__ = [
    "Certificate",
    "CertificateQuerySet",
    "Reminder",
    "Rendition",
    "Review",
    "Revocation",
    "Standing",
    "Validity",
]
