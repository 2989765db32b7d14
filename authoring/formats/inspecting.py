"""Checks an uploaded file for the role that it shall have, and measures it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from . import captions, decks, measuring, signatures
from .encodings import not_readable
from .problems import FileProblem
from .signatures import Format

CONTENT, CAPTIONS, CHAPTERS, POSTER = "content", "captions", "chapters", "poster"
VIDEO, AUDIO, PDF, TEXT, IMAGE, TRACK = "video", "audio", "pdf", "text", "image", "track"
ARCHIVE = "archive"

# The type and the ending of a medium with picture, and of one with sound alone.
_MEDIA_TYPES = {
    Format.MP4: (("video/mp4", ".mp4"), ("audio/mp4", ".m4a")),
    Format.WEBM: (("video/webm", ".webm"), ("audio/webm", ".weba")),
    Format.OGG: (("video/ogg", ".ogv"), ("audio/ogg", ".ogg")),
    Format.MP3: (("audio/mpeg", ".mp3"), ("audio/mpeg", ".mp3")),
    Format.WAV: (("audio/wav", ".wav"), ("audio/wav", ".wav")),
    Format.FLAC: (("audio/flac", ".flac"), ("audio/flac", ".flac")),
}
MAX_PICTURE_BYTES = 5 * 1024 * 1024
_SOUND_ONLY = {Format.MP3, Format.WAV, Format.FLAC}  # a picture in one is its cover
_IMAGE_TYPES = {
    Format.PNG: ("image/png", ".png"),
    Format.JPEG: ("image/jpeg", ".jpg"),
    Format.WEBP: ("image/webp", ".webp"),
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a file is. `replacement`: what is stored instead of the file's own bytes."""

    kind: str
    content_type: str
    ending: str
    duration_ms: int | None = None
    page_count: int | None = None
    words: int | None = None
    replacement: bytes | None = None
    last_cue_ms: int | None = None


def inspect(path: Path, role: str) -> Inspected:
    """Raises FileProblem if the file can't be used in this role."""
    with path.open("rb") as file:
        found = signatures.format_of(file.read(signatures.HEAD_BYTES))
    return _INSPECTIONS[role](path, found)


def presumed(head: bytes) -> Inspected:
    """What a content that begins with `head` seems to be, before all of it is looked at.

    Only for what is large. Raises FileProblem for what nothing large can be.
    """
    found = signatures.format_of(head)
    if found in signatures.MEDIA:
        kind = AUDIO if found in _SOUND_ONLY else VIDEO
        return Inspected(kind, *_MEDIA_TYPES[found][0])
    if found is Format.PDF:
        return Inspected(PDF, "application/pdf", ".pdf")
    if found is Format.ARCHIVE:
        return Inspected(ARCHIVE, "application/octet-stream", ".bin")
    if found is Format.TEXT:
        raise FileProblem(_("This text is too long: 2 MB is the limit."))
    if found in _IMAGE_TYPES:
        raise FileProblem(_("This picture is too large: 5 MB is the limit."))
    raise FileProblem(_refusal(found))


def _content(path: Path, found: Format) -> Inspected:
    if found in signatures.MEDIA:
        return _media(path, found)
    if found is Format.PDF:
        pages = measuring.count_pages(path)
        return Inspected(PDF, "application/pdf", ".pdf", page_count=pages)
    if found is Format.TEXT:
        return _plain_text(path)
    if found in _IMAGE_TYPES:
        return _picture(path, found)
    if found is Format.ARCHIVE and decks.is_deck(path):
        raise FileProblem(
            _("This site doesn't show PowerPoint files. In PowerPoint choose File, Export, PDF.")
        )
    raise FileProblem(_refusal(found))


def _plain_text(path: Path) -> Inspected:
    """A text is stored as UTF-8, whatever it was."""
    text = measuring.read_text(path)
    words = len(text.split())
    content_type = "text/plain; charset=utf-8"
    return Inspected(TEXT, content_type, ".txt", words=words, replacement=text.encode())


def _picture(path: Path, found: Format) -> Inspected:
    if path.stat().st_size > MAX_PICTURE_BYTES:
        raise FileProblem(_("This picture is too large: 5 MB is the limit."))
    return Inspected(IMAGE, *_IMAGE_TYPES[found])


def _refusal(found: Format) -> str:
    if found is Format.MARKUP:
        return _("HTML and SVG can contain scripts and aren't accepted. Upload plain text instead.")
    if found is Format.OTHER_TEXT:
        return not_readable()
    if found is Format.ARCHIVE:
        return _("Office files and archives aren't accepted. Export the file as PDF.")
    if found in signatures.CAPTIONS:
        return _("This is a file of captions: add it to its video.")
    return _(
        "This kind of file isn't accepted. Upload MP4, WebM, MP3, M4A, WAV, PDF, plain text or a "
        "picture (JPEG, PNG, WebP)."
    )


def _media(path: Path, found: Format) -> Inspected:
    measures = measuring.measure_media(path)
    has_picture = measures.has_picture and found not in _SOUND_ONLY
    content_type, ending = _MEDIA_TYPES[found][0 if has_picture else 1]
    kind = VIDEO if has_picture else AUDIO
    return Inspected(kind, content_type, ending, duration_ms=measures.duration_ms)


def _track(path: Path, found: Format) -> Inspected:
    # A file of captions that nothing precedes may look like a text, and is named by its line.
    if found not in {*signatures.CAPTIONS, Format.TEXT, Format.OTHER_TEXT}:
        raise FileProblem(_("These aren't captions. Upload WebVTT (.vtt) or SubRip (.srt)."))
    track = captions.read_track(path.read_bytes())
    content_type = "text/vtt; charset=utf-8"
    return Inspected(
        TRACK, content_type, ".vtt", replacement=track.webvtt, last_cue_ms=track.last_start_ms
    )


def _poster(path: Path, found: Format) -> Inspected:
    if found not in _IMAGE_TYPES:
        raise FileProblem(_("This isn't a picture that browsers show. Upload JPEG, PNG or WebP."))
    return _picture(path, found)


_INSPECTIONS: dict[str, Callable[[Path, Format], Inspected]] = {
    CONTENT: _content,
    CAPTIONS: _track,
    CHAPTERS: _track,
    POSTER: _poster,
}
