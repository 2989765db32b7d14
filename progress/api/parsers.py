"""JSON bodies: bounded before they are read, strict in spelling, lenient with NaN.

`NaN` and `Infinity` are let through as floats, so that a field check can name them and one bad
event doesn't cost its neighbours.
"""

import json

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from .errors import PayloadTooLarge


class TolerantJSONParser(BaseParser):
    """`application/json`, at most the view's `max_body_bytes`; the body must be an object.

    Raises PayloadTooLarge (413) and ParseError (400).
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream, media_type=None, parser_context=None):
        view = (parser_context or {}).get("view")
        limit = getattr(view, "max_body_bytes", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        return _object(_read(stream, limit, (parser_context or {}).get("request")))


class PlainTextJSONParser(TolerantJSONParser):
    """The same as `text/plain`: what a browser's `sendBeacon` may send without asking first."""

    media_type = "text/plain"


def _read(stream, limit: int, request) -> bytes:
    length = request.META.get("CONTENT_LENGTH") if request is not None else None
    if length and length.isdigit() and int(length) > limit:
        raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise PayloadTooLarge(f"The body may have at most {limit} bytes.")
    return body


def _object(body: bytes) -> dict:
    if not body.strip():
        return {}
    try:
        told = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise ParseError("The body is not valid UTF-8.") from None
    except RecursionError:
        raise ParseError("The body is nested too deeply.") from None
    except ValueError as error:
        raise ParseError(f"The body is not valid JSON: {error}") from None
    if not isinstance(told, dict):
        raise ParseError("The body must be a JSON object.")
    return told
