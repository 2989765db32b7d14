"""Error responses for requests that no view answers: JSON under /api/, a page elsewhere."""

import logging

from axes.helpers import get_cool_off
from django.http import HttpResponse, HttpResponseServerError, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults

from progress.validation.error_payload import error_payload

logger = logging.getLogger(__name__)


def not_found(request, exception):
    if request.path.startswith("/api/"):
        return json_error(404, "not_found", "Not found.")
    return defaults.page_not_found(request, exception)


def server_error(request):
    if request.path.startswith("/api/"):
        return json_error(500, "error", "A server error occurred.")
    try:
        return defaults.server_error(request)
    except Exception:  # whatever broke the request may have broken the error page, too
        logger.exception("The page for server errors can't be rendered")
        return HttpResponseServerError("Something went wrong. Please try again in a moment.")


def bad_request(request, exception):
    if request.path.startswith("/api/"):
        return json_error(400, "bad_request", "The request can't be read.")
    return defaults.bad_request(request, exception)


def stale_form(request, reason=""):
    """A form whose token is of another sign-in or too old. The setting CSRF_FAILURE_VIEW."""
    if request.path.startswith("/api/"):
        return json_error(403, "csrf_failed", reason)
    context = {"has_no_cookie": reason == REASON_NO_CSRF_COOKIE, "back": _page_before(request)}
    return render(request, "stale_form.html", context, status=403)


def locked_out(request, original_response=None, credentials=None) -> HttpResponse:
    """After too many wrong passwords. The setting AXES_LOCKOUT_CALLABLE."""
    seconds = int(get_cool_off(request).total_seconds())
    if request.path.startswith("/api/"):
        answer = json_error(429, "locked_out", "Too many failed sign-ins. Please wait.")
    else:
        context = {"minutes": -(-seconds // 60)}
        answer = render(request, "registration/locked_out.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def scim_error(status: int, detail: str) -> JsonResponse:
    """An error as RFC 7644 has them, section 3.12; of a value that can't be right."""
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "scimType": "invalidValue",
        "detail": detail,
    }
    return JsonResponse(body, status=status, content_type="application/scim+json")


def json_error(status: int, code: str, detail: str, **options) -> JsonResponse:
    return JsonResponse(error_payload(status, code, detail, **options), status=status)


def _page_before(request) -> str:
    """The page of this site that the request came from, or the first page."""
    before = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        before, {request.get_host()}, require_https=request.is_secure()
    )
    return before if is_ours else reverse("my-learning")
