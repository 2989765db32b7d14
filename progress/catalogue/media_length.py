"""The length of a video or recording among the site's own files, read from its MP4 header."""

from pathlib import Path
from typing import BinaryIO

SUFFIXES = {".mp4", ".m4a", ".m4v", ".mov"}
TOLERANCE_MS = 1000
_MAX_BOXES = 1000


def length_ms(path: Path) -> int | None:
    """Returns milliseconds, or None for another kind of file or one without a length."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    with path.open("rb") as file:
        end = path.stat().st_size
        movie = _box(file, b"moov", end)
        header = movie and _box(file, b"mvhd", movie)
        return _duration(file.read(32)) if header else None


def _box(file: BinaryIO, kind: bytes, end: int) -> int | None:
    """Seek to the content of the next box of this kind before `end`. Returns where it ends."""
    for _ in range(_MAX_BOXES):
        start, head = file.tell(), file.read(8)
        size = int.from_bytes(head[:4])
        if size == 1:
            size = int.from_bytes(file.read(8))
        if len(head) < 8 or size < 8 or start + size > end:
            return None
        if head[4:] == kind:
            return start + size
        file.seek(start + size)
    return None


def _duration(header: bytes) -> int | None:
    """The duration in a `mvhd` box: 64 bits in version 1, 32 bits in version 0."""
    at, width = (20, 8) if header[:1] == b"\x01" else (12, 4)
    scale = int.from_bytes(header[at : at + 4])
    units = int.from_bytes(header[at + 4 : at + 4 + width])
    return units * 1000 // scale if scale and 0 < units < 2 ** (8 * width) - 1 else None
