"""Refuses parameters that the database can't store, before any view or filter sees them.

PostgreSQL stores no NUL in texts, no moment whose offset is sixteen hours or more, and none outside
its range. Its driver raises for them, which would be a server error.
"""

import logging
import re
from datetime import UTC, timedelta
from urllib.parse import parse_qsl

from django.core.exceptions import FieldDoesNotExist
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime

from progress.validation.storable import UNSTORABLE, is_storable

from .errors import bad_request, json_error, not_found, scim_error

logger = logging.getLogger(__name__)
MAX_OFFSET = timedelta(hours=16)
MAX_DIGITS = 400
SEARCH = "q"
_TEXT = "Null characters and half characters are not allowed."
_MOMENT = "This moment is out of range: its offset is below 16 hours, its year from 1 to 9999."
_NUMBER = "This number is too long."


class RequestChecks:
    """Middleware: answers 400 and names the parameter, or 404 for an impossible address."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_storable(request.path) and request.path.startswith(("/api/", "/admin/")):
            return not_found(request, Http404())
        for name, value in _parameters(request):
            if name == SEARCH and request.path.startswith("/admin/"):
                continue  # the search form itself refuses such texts, and shows the list
            if error := refusal(name) or refusal(value):
                return _bad_request(request, name, error)
        _drop_odd_cookies(request)
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answers 400 when an admin list is filtered by an impossible date or number, and when a
        page of the admin is to find its row by a field that isn't there."""
        if not request.META.get("QUERY_STRING") or not request.path.startswith("/admin/"):
            return None
        is_no_value = isinstance(error, OverflowError | ValueError | DataError)
        is_odd_filter = request.method == "GET" and is_no_value
        if not is_odd_filter and not isinstance(error, FieldDoesNotExist):
            return None
        logger.warning("an address of the admin is refused", exc_info=error)
        return bad_request(request, error)


def refusal(text: str) -> str:
    """Returns why a text that was sent is refused; "" if it isn't."""
    if not is_storable(text):
        return _TEXT
    if len(text) > MAX_DIGITS and text.strip().lstrip("+-").isdigit():
        return _NUMBER
    return "" if _is_in_range(text) else _MOMENT


def _is_in_range(text: str) -> bool:
    """Whether the database can store the moment that a text states; True for other texts."""
    if not 16 <= len(text) <= 40:
        return True
    try:
        # In a query string an unescaped plus is a blank.
        moment = parse_datetime(re.sub(r" (?=\d\d:?\d\d$)", "+", text))
        if moment is None or moment.tzinfo is None:
            return True
        moment.astimezone(UTC)
    except ValueError:
        return True  # the field's own check explains it
    except OverflowError:
        return False
    # The first and last day are left out: other time zones may move a moment past them.
    is_at_the_end = moment.year in {1, 9999} and moment.timetuple().tm_yday in {1, 365}
    return abs(moment.utcoffset() or timedelta()) < MAX_OFFSET and not is_at_the_end


def _parameters(request: HttpRequest):
    yield from parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)


def _drop_odd_cookies(request: HttpRequest) -> None:
    """Removes cookies that can't be stored: this site didn't set them."""
    for name, value in list(request.COOKIES.items()):
        if not is_storable(value):
            del request.COOKIES[name]


def _bad_request(request: HttpRequest, name: str, detail: str) -> HttpResponse:
    name = UNSTORABLE.sub("", name)
    if request.path.startswith("/scim/"):
        return scim_error(400, f"{name}: {detail}")
    if request.path.startswith("/api/"):
        return json_error(400, "invalid", detail, attr=name, kind="validation_error")
    return bad_request(request, None)
