"""`Idempotency-Key`: a POST that is sent again is not done again, and gets the first answer.

The work and the note of its answer are one transaction: after a crash either both are there or
neither. A request that is refused (400 and above) writes nothing. Answers of 500 and above aren't
kept, nor is 429, so that it may be tried again. The kept answers are encrypted: some hold a secret
that is shown once.
"""

import hashlib
import json
import re

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.urls import Resolver404, resolve
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from progress.models.idempotency import KEPT_FOR, KeptAnswer
from progress.security import encryption
from progress.validation.error_payload import error_payload

HEADER = "Idempotency-Key"
PURPOSE = "progress.api.idempotency"
MAX_BODY_BYTES = 17 * 1024 * 1024  # the largest that any view takes, and its wrapping
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
# It wasn't looked at: after the wait that the answer names, it is to be done.
_TOO_MANY = 429
# The first number of the database's locks for requests that are being worked on.
_LOCKS = 478


class IdempotencyKeys:
    """Middleware for the POSTs of the API; the last one, so that it wraps the view alone."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST" or not request.path.startswith("/api/"):
            return self._get_response(request)
        if not _KEY.fullmatch(key):
            return _refusal(400, "invalid", "1 to 255 printable ASCII characters without blanks.")
        if not _read_body(request):
            return self._get_response(request)  # too large: the view refuses it
        caller = _caller(request)
        if caller is None:
            return self._get_response(request)  # which says what is wrong
        return self._answer_once(request, caller, key)

    def _answer_once(self, request: HttpRequest, caller: str, key: str) -> HttpResponse:
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            if not _locked(caller, key):
                return _refusal(
                    409, "idempotency_conflict", "A request with this key is being worked on."
                )
            now = timezone.now()
            kept = KeptAnswer.objects.filter(caller=caller, key=key).first()
            if kept is not None and kept.created_at > now - KEPT_FOR:
                return _answer_again(kept, fingerprint)
            if kept is not None:
                kept.delete()
            with transaction.atomic():
                response = self._get_response(request)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
            if _is_final(response.status_code) and not response.streaming:
                KeptAnswer.objects.create(
                    caller=caller,
                    key=key,
                    fingerprint=fingerprint,
                    status=response.status_code,
                    content_type=response.get("Content-Type", ""),
                    body=encryption.encrypt(response.content, PURPOSE),
                    created_at=now,
                )
        return response


def _is_final(status: int) -> bool:
    return status < 500 and status != _TOO_MANY


def _answer_again(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        return _refusal(
            422, "idempotency_key_reused", "This key was sent with another request before."
        )
    try:
        body = encryption.decrypt(bytes(kept.body), PURPOSE)
    except encryption.UnreadableValue:
        return _refusal(
            409, "answer_unreadable", "It was done before, and its answer can't be read any more."
        )
    response = HttpResponse(body, status=kept.status)
    if kept.content_type:
        response["Content-Type"] = kept.content_type
    else:
        del response["Content-Type"]
    response["Idempotent-Replayed"] = "true"
    return response


def _refusal(status: int, code: str, detail: str) -> HttpResponse:
    kind = "validation_error" if status == 400 else ""
    payload = error_payload(status, code, detail, attr=HEADER, kind=kind)
    response = JsonResponse(payload, status=status)
    if code == "idempotency_conflict":
        response["Retry-After"] = "1"
    return response


def _locked(caller: str, key: str) -> bool:
    """Takes the key's lock until the transaction ends; False if another request has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCKS, f"{caller} {key}"]
        )
        return cursor.fetchone()[0]


def _read_body(request: HttpRequest) -> bool:
    """Reads the body, so that it can be read again; False if it is too large for any view."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return False
    if not _is_form_with_files(request) and not hasattr(request, "_body"):
        # `request.body` would refuse what some views accept.
        request._body = request.read(MAX_BODY_BYTES + 1)
    return True


def _is_form_with_files(request: HttpRequest) -> bool:
    return (request.content_type or "").startswith("multipart/")


def _fingerprint(request: HttpRequest) -> str:
    """Of the address and the body; of a form, of its fields: each attempt has another boundary."""
    digest = hashlib.sha256(request.get_full_path().encode("utf-8", "surrogateescape"))
    digest.update(b"\0")
    if not _is_form_with_files(request):
        digest.update(request.body)
        return digest.hexdigest()
    digest.update(json.dumps(sorted(map(list, request.POST.lists()))).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(json.dumps([name, file.name, file.size]).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _caller(request: HttpRequest) -> str | None:
    """The credential that the view accepts; None without one."""
    try:
        view_class = getattr(resolve(request.path_info).func, "cls", None)
    except Resolver404:
        return None
    if view_class is None:
        return None
    view = view_class()
    wrapped = Request(
        request,
        parsers=view.get_parsers(),
        authenticators=view.get_authenticators(),
        parser_context={"view": view, "request": request, "kwargs": {}, "args": ()},
    )
    try:
        if not wrapped.user or not wrapped.user.is_authenticated:
            return None
    except (APIException, RawPostDataException):
        return None
    session_id = getattr(wrapped.auth, "session_id", None)
    if session_id is not None:
        return f"session {session_id}"
    digest = getattr(wrapped.auth, "digest", None)
    return f"account {wrapped.user.pk}" if digest is None else f"key {digest[:64]}"
