"""Uploads in parts, for the page's script: JSON in and out, errors with the field at fault."""

import json
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from authoring import checking, uploading
from authoring.models import Role, StoredFile, Upload
from authoring.storing import UploadRefused
from authoring.uploading import PART_BYTES, UnknownUpload, WrongOffset
from progress.models import Course
from progress.security import rights


def _json_answers(view):
    """Turn what uploading raises into answers, and ask who isn't signed in to do so."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> JsonResponse:
        if not request.user.is_authenticated:
            return JsonResponse({"code": "signed_out"}, status=401)
        try:
            return view(request, *args, **kwargs)
        except UploadRefused as refused:
            answer = {"code": "refused", "field": refused.field, "message": refused.message}
            return JsonResponse(answer, status=refused.status)
        except WrongOffset as wrong:
            return JsonResponse({"code": "wrong_offset", "received": wrong.received}, status=409)
        except UnknownUpload:
            return JsonResponse({"code": "unknown_upload"}, status=404)

    return answered


def _progress_payload(upload: Upload) -> dict:
    return {
        "id": str(upload.public_id),
        "received": upload.received,
        "size": upload.size,
        "part_bytes": PART_BYTES,
    }


@require_POST
@_json_answers
def begin(request, course_id: int):
    """Begin an upload: `{name, size, role, media, language}`."""
    course = get_object_or_404(
        Course.objects.active().filter(
            pk__in=rights.writable_courses(request.user).order_by().values("pk")
        ),
        pk=course_id,
    )
    values = _object(request)
    upload = uploading.start(
        course,
        request.user,
        name=_text(values, "name"),
        size=_whole_number(values, "size"),
        role=_text(values, "role") or Role.CONTENT,
        media=_media(course, _text(values, "media")),
        language=_text(values, "language"),
    )
    return JsonResponse(_progress_payload(upload), status=201)


@require_http_methods(["GET", "PUT", "DELETE"])
@_json_answers
def upload(request, upload_id: UUID):
    """GET: how much has arrived. PUT: the next part, `Upload-Offset` says where it begins."""
    if request.method == "DELETE":
        uploading.cancel(upload_id, request.user)
        return JsonResponse({}, status=200)
    if request.method == "GET":
        return JsonResponse(_progress_payload(uploading.find(upload_id, request.user)))
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdecimal() and len(offset) <= 18):
        raise UploadRefused("file", "The header Upload-Offset must be a whole number.")
    # One byte more shows that a part is too large, without reading the rest of it.
    part = request.read(PART_BYTES + 1)
    found = uploading.append(upload_id, request.user, int(offset), part)
    return JsonResponse(_progress_payload(found))


@require_POST
@_json_answers
def finish(request, upload_id: UUID):
    """Check and store the file, once all of it has arrived; of a ZIP the files in it.

    202 for a large one, which is checked in the background.
    """
    stored = checking.finish(upload_id, request.user, unpacks=True)
    answer = {"id": str(stored.public_id), "kind": stored.kind, "address": stored.address}
    return JsonResponse(answer, status=202 if stored.is_expected else 201)


def _object(request: HttpRequest) -> dict:
    try:
        values = json.loads(request.body)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise UploadRefused("file", "The request must be a JSON object.")
    return values


def _text(values: dict, name: str) -> str:
    value = values.get(name) or ""
    if not isinstance(value, str) or "\0" in value:
        raise UploadRefused(name, "This must be a text.")
    return value


def _whole_number(values: dict, name: str) -> int:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UploadRefused(name, "This must be a whole number.")
    return value


def _media(course: Course, public_id: str) -> StoredFile | None:
    """The course's file with this id; None for an empty one."""
    if not public_id:
        return None
    try:
        stored = uploading.media_file(course, public_id=UUID(public_id))
    except ValueError:
        stored = None
    if stored is None:
        raise UploadRefused("media", "There is no such file in this course.")
    return stored
