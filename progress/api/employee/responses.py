"""What answers of `realtime_progress` have in common, whichever way they are sent.

`lms_progress.course_reads` answers ordinary requests before Django is asked, and the view the rest.
Both use these functions.
"""

from collections.abc import Mapping

import msgspec

from progress.state.course_reading import CourseReading


def headers_of(reading: CourseReading) -> dict[str, str]:
    return {"ETag": reading.etag, "Cache-Control": "no-store"}


def is_known(if_none_match: str, etag: str) -> bool:
    """Whether the client has it already: weak comparison (RFC 9110, 8.8.3.2)."""
    tags = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def encode(payload: Mapping) -> bytes:
    """The same bytes as DRF's renderer makes of it, in a tenth of the time."""
    body = _encode(payload)
    for sign, escaped in _ESCAPED:
        body = body.replace(sign, escaped)
    return body


_encode = msgspec.json.Encoder().encode
# Line ends to JavaScript, though not to JSON.
_ESCAPED = [("\u2028".encode(), rb"\u2028"), ("\u2029".encode(), rb"\u2029")]
