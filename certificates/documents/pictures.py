"""What a logo or a picture of a signature may be, and which colours can be read."""

import re
from xml.etree import ElementTree

MAX_PICTURE_BYTES = 512 * 1024
MIN_CONTRAST = 4.5  # WCAG 2.2, AA, of text on white
# Elements that would lead out of the picture, or do something.
_FORBIDDEN = {"script", "foreignObject", "image", "use", "a", "animate", "set", "style"}


class UnusablePicture(ValueError):
    """A picture that no certificate can show; the text says why."""


def check_picture(content: bytes) -> None:
    """Raises UnusablePicture unless it is a PNG, a JPEG or an inert SVG of at most 512 KiB."""
    if len(content) > MAX_PICTURE_BYTES:
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
    """Returns the contrast of `#rrggbb` against white (WCAG 2.2, relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
