"""How long a recording is, how many pages a PDF has, how many words a text."""

import math
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from .encodings import text_of
from .problems import FileProblem

# What pypdf raises apart from its own errors depends on where a file is damaged.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
MAX_TEXT_BYTES = 2 * 1024 * 1024
# By MediaInfo's names. HEVC is what telephones record; most browsers play it where the machine can.
_PLAYED_PICTURES = {"AVC", "HEVC", "VP8", "VP9", "AV1", "Theora"}
_PLAYED_SOUNDS = {"AAC", "ALAC", "FLAC", "MPEG Audio", "Opus", "PCM", "Vorbis"}
_COVERS = {"BMP", "GIF", "JPEG", "PNG"}


@dataclass(frozen=True, slots=True)
class MediaMeasures:
    duration_ms: int
    has_picture: bool


def measure_media(path: Path) -> MediaMeasures:
    """Raises FileProblem for a file that isn't whole, has neither picture nor sound, or has what
    browsers don't play."""
    from pymediainfo import MediaInfo

    tracks = MediaInfo.parse(str(path)).tracks
    general = [track for track in tracks if track.track_type == "General"]
    sounds = [track.format for track in tracks if track.track_type == "Audio"]
    # A cover is a picture that doesn't move.
    pictures = [track.format for track in tracks if track.track_type == "Video"]
    pictures = [name for name in pictures if name not in _COVERS]
    if not pictures and not sounds:
        raise FileProblem(
            _("This file is damaged: there is neither picture nor sound in it. Export it again.")
        )
    if any(getattr(track, "istruncated", None) == "Yes" for track in general):
        raise FileProblem(_("This file is damaged: its end is missing. Export it again."))
    _check_played(pictures, _PLAYED_PICTURES)
    _check_played(sounds, _PLAYED_SOUNDS)
    duration_ms = max((_milliseconds(track.duration) for track in tracks), default=0)
    if not duration_ms:
        raise FileProblem(_("This file doesn't say how long it is. Export it again, as MP4."))
    return MediaMeasures(duration_ms, bool(pictures))


def _check_played(codecs: list[str | None], played: set[str]) -> None:
    """Raises FileProblem unless browsers play the first one, which a player takes."""
    if codecs and codecs[0] and codecs[0] not in played:
        message = _("Browsers don't play %(codec)s. Export it again, as MP4 with H.264 and AAC.")
        raise FileProblem(message % {"codec": codecs[0]})


def _milliseconds(duration: object) -> int:
    """The library gives numbers, and texts where a file is odd."""
    try:
        value = float(str(duration))
    except ValueError:
        return 0
    return math.floor(value) if math.isfinite(value) and value > 0 else 0


def count_pages(path: Path) -> int:
    """The pages of a PDF. Raises FileProblem for one with a password, or that can't be read."""
    # A process without uploads starts without it.
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    damaged = FileProblem(_("This PDF is damaged: it can't be read. Export it again."))
    try:
        # By its path it would be read into memory as a whole.
        with path.open("rb") as file:
            reader = PdfReader(file)
            # An empty password opens a PDF that only restricts printing and the like.
            if reader.is_encrypted and not reader.decrypt(""):
                raise FileProblem(_("This PDF has a password. Remove it and upload the PDF again."))
            pages = len(reader.pages)
    except FileProblem:
        raise
    except (PyPdfError, DependencyError, *_UNREADABLE):
        raise damaged from None
    if not pages:
        raise damaged
    return pages


def read_text(path: Path) -> str:
    """Raises FileProblem for a text that is too long, or in an encoding that isn't accepted."""
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise FileProblem(_("This text is too long: 2 MB is the limit."))
    return text_of(path.read_bytes())
