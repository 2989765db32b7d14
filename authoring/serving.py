"""Serves uploaded files: by signed addresses that expire, in ranges, never as something to run.

A file's own address asks who the reader is, and leads to a signed one, which needs no query about
rights and works in players that send no cookies. Files never change, so that their id is their
ETag.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings
from django.core import signing
from django.core.files.storage import FileSystemStorage, Storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse

from authoring.models import Kind, StoredFile

_SALT = "authoring.file"
_BY_US = "from=site"
# A player asks for the rest of a film; it gets a part and asks again, so that no thread of the
# server is held for as long as a film takes to send.
MAX_RANGE_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
# What opens a file by itself, such as a new tab, may neither run nor load anything.
_SANDBOX = "default-src 'none'; sandbox"
# The browser's own reader of PDFs doesn't work in a sandbox.
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'"


# --- Signed addresses ----------------------------------------------------------------------------
def signed_address(stored: StoredFile) -> str:
    """An address that whoever has it can read for UPLOAD_LINK_SECONDS."""
    signed = signing.TimestampSigner(salt=_SALT).sign(stored.public_id.hex)
    key = signed.removeprefix(f"{stored.public_id.hex}:")
    path = reverse("stored-file", args=[stored.public_id, f"file{stored.ending}"])
    return f"{path}?key={key}"


def address_for_keeping(stored: StoredFile) -> str:
    """The same for a script that keeps the file, which may load nothing from another site."""
    return f"{signed_address(stored)}&{_BY_US}"


def is_valid_key(stored: StoredFile, key: str) -> bool:
    signed = f"{stored.public_id.hex}:{key}"
    try:
        signing.TimestampSigner(salt=_SALT).unsign(signed, max_age=settings.UPLOAD_LINK_SECONDS)
    except signing.BadSignature:
        return False
    return True


# --- Answers -------------------------------------------------------------------------------------
def file_response(request: HttpRequest, stored: StoredFile, storage: Storage) -> HttpResponse:
    """The file, or the range that is asked for. Raises FileNotFoundError if its bytes are gone."""
    is_elsewhere = not isinstance(storage, FileSystemStorage) and request.GET.get("from") != "site"
    if stored.kind in {Kind.VIDEO, Kind.AUDIO} and is_elsewhere:
        # The service has ranges itself, and our policy lets media come from elsewhere.
        return HttpResponseRedirect(_presigned(stored, storage))
    found = _range(request, stored)
    if found is None:
        response: HttpResponse = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{stored.size}"
        return response
    start, end, status = found
    file = storage.open(stored.stored_as)
    response = StreamingHttpResponse(_bytes(file, start, end - start), status=status)
    response["Content-Type"] = stored.content_type
    response["Content-Length"] = str(end - start)
    if status == 206:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    return _with_headers(response, stored)


def _presigned(stored: StoredFile, storage) -> str:
    return storage.url(
        stored.stored_as,
        parameters={"ResponseContentType": stored.content_type},
        expire=settings.UPLOAD_LINK_SECONDS,
    )


def _with_headers(response: StreamingHttpResponse, stored: StoredFile) -> StreamingHttpResponse:
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag(stored)
    response["Cache-Control"] = f"private, max-age={settings.UPLOAD_LINK_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _PDF_POLICY if stored.kind == Kind.PDF else _SANDBOX
    response["Content-Disposition"] = f'inline; filename="file{stored.ending}"'
    return response


def etag(stored: StoredFile) -> str:
    return f'"{stored.public_id.hex}"'


def _range(request: HttpRequest, stored: StoredFile) -> tuple[int, int, int] | None:
    """The first byte, the one after the last, and the status; None for an impossible range.

    A range of another unit, of several parts, or for another version is ignored, as RFC 9110 wants.
    """
    whole = (0, stored.size, 200)
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if asked is None or asked.groups() == ("", ""):
        return whole
    if request.headers.get("If-Range", etag(stored)) != etag(stored):
        return whole
    first, last = asked.groups()
    if not first:
        start, end = max(stored.size - int(last), 0), stored.size
    else:
        start, end = int(first), min(int(last) + 1 if last else stored.size, stored.size)
        if last and int(last) < start:
            return whole
    if start >= end:
        return None
    return start, min(end, start + MAX_RANGE_BYTES), 206


def _bytes(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
