"""Error responses for requests that no view answers: JSON under /api/, a page elsewhere."""

from django.http import JsonResponse
from django.views import defaults

from progress.validation.error_payload import error_payload


def not_found(request, exception):
    if request.path.startswith("/api/"):
        return json_error(404, "not_found", "Not found.")
    return defaults.page_not_found(request, exception)


def server_error(request):
    if request.path.startswith("/api/"):
        return json_error(500, "error", "A server error occurred.")
    return defaults.server_error(request)


def bad_request(request, exception):
    if request.path.startswith("/api/"):
        return json_error(400, "bad_request", "The request can't be read.")
    return defaults.bad_request(request, exception)


def json_error(status: int, code: str, detail: str, **options) -> JsonResponse:
    return JsonResponse(error_payload(status, code, detail, **options), status=status)
