"""A badge inside a PNG, as Open Badges 3.0 has it: one file to show, and to verify."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
# An iTXt chunk: keyword, not compressed, no language, no translated keyword; then the text.
_BEFORE_TEXT = KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0"
_AROUND_CHUNK = 12  # length, type and checksum


def bake(picture: bytes, badge: bytes) -> bytes:
    """Returns the picture with the badge in it. Raises ValueError if it isn't a PNG."""
    if not picture.startswith(SIGNATURE):
        raise ValueError("The picture isn't a PNG.")
    # The first chunk, the picture's size, must stay the first.
    (length,) = struct.unpack_from(">I", picture, len(SIGNATURE))
    end = len(SIGNATURE) + _AROUND_CHUNK + length
    return picture[:end] + _chunk(b"iTXt", _BEFORE_TEXT + badge) + picture[end:]


def baked_badge(picture: bytes) -> bytes | None:
    """Returns the badge in a PNG; None if there is none, or if it isn't a whole PNG."""
    at = len(SIGNATURE)
    if not picture.startswith(SIGNATURE):
        return None
    while at + _AROUND_CHUNK <= len(picture):
        length, kind = struct.unpack_from(">I4s", picture, at)
        content = picture[at + 8 : at + 8 + length]
        if kind == b"iTXt" and len(content) == length and content.startswith(_BEFORE_TEXT):
            return content.removeprefix(_BEFORE_TEXT)
        at += _AROUND_CHUNK + length
    return None


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
