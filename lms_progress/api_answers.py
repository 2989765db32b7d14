"""What every answer of the API has: its version, an ETag, and compression where it is wanted.

The trackers' five addresses (`/api/employee/`) are left alone: their answers are small, frequent,
and have ETags of their own where one helps.
"""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware

API_VERSION = "2026-11-30"
_TEXTS = ("application/json", "text/csv", "application/vnd.oai.openapi", "application/yaml")


class ApiAnswers:
    """Middleware; within the one for CORS, which adds its headers to a 304, too."""

    def __init__(self, get_response):
        self._get_response = get_response
        self._conditional = ConditionalGetMiddleware(get_response)
        self._gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path.startswith("/scim/"):  # its answers have ETags of their own
            self._add_headers(request, response)
            return response
        if not request.path.startswith("/api/") or request.path.startswith("/api/employee/"):
            return response
        self._add_headers(request, response)
        if request.method == "GET" and response.status_code == 200:
            response = self._conditional.process_response(request, response)
            self._add_headers(request, response)
        if response.get("Content-Type", "").startswith(_TEXTS):
            response = self._gzip.process_response(request, response)
        return response

    def _add_headers(self, request: HttpRequest, response: HttpResponse) -> None:
        response["API-Version"] = API_VERSION
        for name, value in getattr(request, "rate_limit", {}).items():
            response[name] = str(value)
