"""Answers for what no view answers: JSON under /api/, a page elsewhere."""

from django.http import JsonResponse
from django.views import defaults


def not_found(request, exception):
    if request.path.startswith("/api/"):
        return json_error("client_error", "not_found", "Not found.", 404)
    return defaults.page_not_found(request, exception)


def server_error(request):
    if request.path.startswith("/api/"):
        return json_error("server_error", "error", "A server error occurred.", 500)
    return defaults.server_error(request)


def bad_request(request, exception):
    if request.path.startswith("/api/"):
        return json_error("client_error", "bad_request", "The request can't be read.", 400)
    return defaults.bad_request(request, exception)


def json_error(
    kind: str, code: str, detail: str, status: int, attr: str | None = None
) -> JsonResponse:
    return JsonResponse(
        {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}, status=status
    )
