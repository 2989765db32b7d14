from certificates.models.issued import Certificate, CertificateQuerySet, Rendition, Revocation

__all__ = ["Certificate", "CertificateQuerySet", "Rendition", "Revocation"]
