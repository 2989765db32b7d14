"""JSON bodies: limited in size before they are read, and lenient with `NaN`.

`NaN` and `Infinity`, numbers of any length and deeply nested values are passed on in a form that no
field accepts. So the error names the field, and one bad event doesn't spoil the rest of its batch.
"""

import json
import re

import msgspec
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from .errors import PayloadTooLarge

MAX_DEPTH = 64
MAX_DIGITS = 400
_TOO_LONG = b"0" * (MAX_DIGITS + 1)
_DIGITS_ALIKE = bytes(48 if chr(sign).isdigit() else 32 for sign in range(128)) + b" " * 128
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class TolerantJSONParser(BaseParser):
    """`application/json`, at most the view's `max_body_bytes`; the body must be an object.

    Raises PayloadTooLarge (413) and ParseError (400).
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream, media_type=None, parser_context=None):
        view = (parser_context or {}).get("view")
        limit = getattr(view, "max_body_bytes", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return parse_object(_read(stream, limit, (parser_context or {}).get("request")))


class PlainTextJSONParser(TolerantJSONParser):
    """The same as `text/plain`, which a browser's `sendBeacon` may send without a preflight."""

    media_type = "text/plain"


def _read(stream, limit: int, request) -> bytes:
    length = request.META.get("CONTENT_LENGTH") if request is not None else None
    if length and length.isdigit() and int(length) > limit:
        raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
    return body


def parse_object(body: bytes) -> dict:
    """The JSON object that a body is, {} for an empty one. Raises ParseError."""
    if not body.strip():
        return {}
    try:
        parsed = _parse(body)
    except UnicodeDecodeError:
        raise ParseError("The body is not valid UTF-8.") from None
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise ParseError("The body must be a JSON object.")
    return parsed


def _parse(body: bytes):
    """Raises ValueError if it isn't JSON."""
    # What msgspec reads, it reads as the standard library does, six times faster; except for
    # numbers of any length. What it refuses may be something that is to be let through.
    if _TOO_LONG not in body.translate(_DIGITS_ALIKE):
        try:
            return _decode(body)
        except (msgspec.DecodeError, RecursionError):
            pass
    text = body.decode("utf-8")
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError:
        return json.loads(_flattened(text), parse_int=_integer)


_decode = msgspec.json.Decoder().decode


def _integer(digits: str) -> int | float:
    """An integer; one so long that Python refuses to read it becomes a float, which is infinite."""
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _flattened(text: str) -> str:
    """The text with `{}` for whatever is nested deeper than MAX_DEPTH."""
    kept: list[str] = []
    depth = begin = 0
    for found in _STRUCTURE.finditer(text):
        sign = found[0]
        if sign in "[{":
            if depth == MAX_DEPTH:
                kept.append(text[begin : found.start()])
            depth += 1
        elif sign in "]}":
            depth -= 1
            if depth == MAX_DEPTH:
                kept.append("{}")
                begin = found.end()
    if depth > MAX_DEPTH:
        return ""  # brackets are left open
    return "".join([*kept, text[begin:]])
