"""What kind of file some bytes are, whatever its name says."""

import re
from enum import StrEnum

from .encodings import beginning_of

HEAD_BYTES = 4096

_MARKUP = re.compile(r"\s*(?:<\?xml|<!doctype|<!--|<(?:html|svg|head|body|script|iframe)\b)", re.I)
_SRT = re.compile(r"\s*\d+[ \t]*\r?\n\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->", re.ASCII)


class Format(StrEnum):
    MP4 = "mp4"
    WEBM = "webm"
    OGG = "ogg"
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    VTT = "vtt"
    SRT = "srt"
    TEXT = "text"
    OTHER_TEXT = "other text"  # in an encoding that isn't accepted
    MARKUP = "markup"  # HTML, SVG and other XML: may contain scripts
    ARCHIVE = "archive"  # ZIP, and what is one inside: office files
    UNKNOWN = "unknown"


MEDIA = {Format.MP4, Format.WEBM, Format.OGG, Format.MP3, Format.WAV, Format.FLAC}
IMAGES = {Format.PNG, Format.JPEG, Format.WEBP}
CAPTIONS = {Format.VTT, Format.SRT}

_PREFIXES = (
    (b"OggS", Format.OGG),
    (b"ID3", Format.MP3),
    (b"fLaC", Format.FLAC),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"\xff\xd8\xff", Format.JPEG),
    (b"PK\x03\x04", Format.ARCHIVE),
    (b"PK\x05\x06", Format.ARCHIVE),
    (b"\xd0\xcf\x11\xe0", Format.ARCHIVE),
)
# Pictures are in the same kind of file as MP4.
_PICTURE_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}


def format_of(head: bytes) -> Format:
    """The format of a file that begins with `head`, its first HEAD_BYTES bytes."""
    for prefix, found in _PREFIXES:
        if head.startswith(prefix):
            return found
    # The signature of a PDF may come a little later.
    if b"%PDF-" in head[:1024]:
        return Format.PDF
    return _container(head) or _text(head)


def _container(head: bytes) -> Format | None:
    if head[4:8] == b"ftyp":
        return Format.UNKNOWN if head[8:12] in _PICTURE_BRANDS else Format.MP4
    if head.startswith(b"RIFF"):
        return {b"WAVE": Format.WAV, b"WEBP": Format.WEBP}.get(head[8:12], Format.UNKNOWN)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        # Matroska without the restrictions of WebM plays in no browser.
        return Format.WEBM if b"webm" in head[:128] else Format.UNKNOWN
    # An MPEG frame of layer III, where no tag comes first.
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return Format.MP3
    return None


def _text(head: bytes) -> Format:
    text = beginning_of(head, is_whole=len(head) < HEAD_BYTES)
    if text is None:
        # Any byte is a character in the older encodings; a text has no control characters in them.
        return Format.UNKNOWN if _has_controls(head.decode("latin-1")) else Format.OTHER_TEXT
    if not text.strip() or _has_controls(text):
        return Format.UNKNOWN
    if re.match(r"WEBVTT(?=\s|$)", text):
        return Format.VTT
    if _SRT.match(text):
        return Format.SRT
    return Format.MARKUP if _MARKUP.match(text) else Format.TEXT


def _has_controls(text: str) -> bool:
    return any(c < " " and c not in "\t\n\r\f" for c in text)
