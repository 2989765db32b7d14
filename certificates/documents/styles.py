"""Which look a certificate gets, and what a look may be made of."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from certificates.models import Certificate, CourseDesign, Design

LARGEST_PICTURE = 512 * 1024
LEAST_CONTRAST = 4.5  # WCAG 2.2, AA, of text on white
SVG = "{http://www.w3.org/2000/svg}"
# What would lead out of the picture, or do something.
_FORBIDDEN = {"script", "foreignObject", "image", "use", "a", "animate", "set", "style"}


class UnusablePicture(ValueError):
    """A picture that no certificate can show; the text says why."""


@dataclass(frozen=True)
class Look:
    """What of a design a file is made with."""

    template: str = "calm"
    language: str = "en"
    accent: str = "#0c6f66"
    issuer: str = ""
    signatory: str = ""
    signatory_title: str = ""
    logo: bytes = b""
    signature: bytes = b""


def of_design(design: Design | None) -> Look:
    """A design's look; without one, what the settings say."""
    if design is None:
        return Look(
            issuer=settings.CERTIFICATE_ISSUER,
            signatory=settings.CERTIFICATE_SIGNATORY,
            signatory_title=settings.CERTIFICATE_SIGNATORY_TITLE,
        )
    return Look(
        template=design.template,
        language=design.language,
        accent=design.accent,
        issuer=design.issuer or settings.CERTIFICATE_ISSUER,
        signatory=design.signatory,
        signatory_title=design.signatory_title,
        logo=bytes(design.logo or b""),
        signature=bytes(design.signature or b""),
    )


def design_of(course_id: int) -> Design | None:
    """The course's own design, or the default one. One statement."""
    own = Exists(CourseDesign.objects.filter(design=OuterRef("pk"), course=course_id))
    found = Design.objects.annotate(is_own=own).filter(Q(is_own=True) | Q(is_default=True))
    return found.order_by("-is_own").first()


def of(certificate: Certificate) -> Look:
    """The look of the course's design today, with the names of the day of issue."""
    look = of_design(design_of(certificate.course_id))
    if not certificate.issuer:
        return look  # Issued before names were copied.
    return Look(
        template=look.template,
        language=look.language,
        accent=look.accent,
        issuer=certificate.issuer,
        signatory=certificate.signatory,
        signatory_title=certificate.signatory_title,
        logo=look.logo,
        # A signature belongs to a name.
        signature=look.signature if look.signatory == certificate.signatory else b"",
    )


def check_picture(content: bytes) -> None:
    """Raise UnusablePicture unless it is a PNG, a JPEG or an inert SVG of at most 512 KiB."""
    if len(content) > LARGEST_PICTURE:
        raise UnusablePicture("A picture has at most 512 KiB.")
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return
    if b"<svg" in content[:2000]:
        _check_svg(content)
        return
    raise UnusablePicture("A picture is a PNG, a JPEG or an SVG file.")


def _check_svg(content: bytes) -> None:
    if re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise UnusablePicture("An SVG may define no document type or entities.")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise UnusablePicture(f"This SVG can't be read: {error}.") from error
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        if name in _FORBIDDEN:
            raise UnusablePicture(f"An SVG may contain no <{name}>.")
        for attribute, value in element.attrib.items():
            plain = attribute.rpartition("}")[2].lower()
            if plain.startswith("on") or (plain == "href" and not value.startswith("#")):
                raise UnusablePicture(f"An SVG may have no {plain}={value[:40]!r}.")


def contrast_on_white(colour: str) -> float:
    """The contrast of `#rrggbb` against white (WCAG 2.2, relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
