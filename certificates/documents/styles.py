"""Which style a certificate's file is made in."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from certificates.models import Certificate, CourseDesign, Design


@dataclass(frozen=True)
class Style:
    """What a file takes from a design."""

    template: str = "calm"
    language: str = "en"
    accent: str = "#0c6f66"
    issuer: str = ""
    signatory: str = ""
    signatory_title: str = ""
    logo: bytes = b""
    signature: bytes = b""


def design_style(design: Design | None) -> Style:
    """Returns a design's style; without a design, what the settings say."""
    if design is None:
        return Style(
            issuer=settings.CERTIFICATE_ISSUER,
            signatory=settings.CERTIFICATE_SIGNATORY,
            signatory_title=settings.CERTIFICATE_SIGNATORY_TITLE,
        )
    return Style(
        template=design.template,
        language=design.language,
        accent=design.accent,
        issuer=design.issuer or settings.CERTIFICATE_ISSUER,
        signatory=design.signatory,
        signatory_title=design.signatory_title,
        logo=bytes(design.logo or b""),
        signature=bytes(design.signature or b""),
    )


def course_design(course_id: int) -> Design | None:
    """Returns the course's own design, or the default one. One query."""
    own = Exists(CourseDesign.objects.filter(design=OuterRef("pk"), course=course_id))
    found = Design.objects.annotate(is_own=own).filter(Q(is_own=True) | Q(is_default=True))
    return found.order_by("-is_own").first()


def certificate_style(certificate: Certificate) -> Style:
    """Returns the style of the course's design today, with the names of the day of issue."""
    style = design_style(course_design(certificate.course_id))
    if not certificate.issuer:
        return style  # Issued before names were copied.
    return Style(
        template=style.template,
        language=style.language,
        accent=style.accent,
        issuer=certificate.issuer,
        signatory=certificate.signatory,
        signatory_title=certificate.signatory_title,
        logo=style.logo,
        # A signature belongs to a name.
        signature=style.signature if style.signatory == certificate.signatory else b"",
    )
