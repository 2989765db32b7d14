"""What no request may carry, refused in one place before any view or filter sees it.

PostgreSQL has no NUL in texts, no moment whose offset is sixteen hours or more, and none outside
its own range; a driver that is handed one raises, which would be a server error.
"""

import logging
import re
from datetime import UTC, timedelta
from urllib.parse import parse_qsl

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime

from .errors import bad_request, json_error, not_found

logger = logging.getLogger(__name__)
MAX_OFFSET = timedelta(hours=16)
MAX_DIGITS = 400
SEARCH = "q"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TEXT = "Null characters and half characters are not allowed."
_MOMENT = "This moment is out of range: its offset is below 16 hours, its year from 1 to 9999."
_NUMBER = "This number is too long."


class Edges:
    """Middleware: answers 400, naming the parameter, or 404 for an address that can't be one."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _UNSTORABLE.search(request.path) and request.path.startswith(("/api/", "/admin/")):
            return not_found(request, Http404())
        for name, value in _parameters(request):
            if name == SEARCH and request.path.startswith("/admin/"):
                continue  # its form refuses what can't be searched for, and shows the list
            if wrong := refusal(name) or refusal(value):
                return _bad_request(request, name, wrong)
        _drop_odd_cookies(request)
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A day or number in the address of an admin's list that no calendar or column has."""
        is_asked = request.method == "GET" and request.META.get("QUERY_STRING")
        is_list = is_asked and request.path.startswith("/admin/")
        if not is_list or not isinstance(error, OverflowError | ValueError | DataError):
            return None
        logger.warning("an address of the admin is refused", exc_info=error)
        return bad_request(request, error)


def refusal(text: str) -> str:
    """What is wrong with a text that was sent; "" for nothing."""
    if _UNSTORABLE.search(text):
        return _TEXT
    if len(text) > MAX_DIGITS and text.strip().lstrip("+-").isdigit():
        return _NUMBER
    return "" if _is_in_range(text) else _MOMENT


def _is_in_range(text: str) -> bool:
    """Whether a text that reads as a moment is one that the database can hold."""
    if not 16 <= len(text) <= 40:
        return True
    try:
        # In a query string an unescaped plus is a blank.
        moment = parse_datetime(re.sub(r" (?=\d\d:?\d\d$)", "+", text))
        if moment is None or moment.tzinfo is None:
            return True
        moment.astimezone(UTC)
    except ValueError:
        return True  # a field's own check says what is wrong with it
    except OverflowError:
        return False
    # A day's room for the zone in which it is shown.
    is_at_the_end = moment.year in {1, 9999} and moment.timetuple().tm_yday in {1, 365}
    return abs(moment.utcoffset() or timedelta()) < MAX_OFFSET and not is_at_the_end


def _parameters(request: HttpRequest):
    yield from parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)


def _drop_odd_cookies(request: HttpRequest) -> None:
    """A cookie that can't be stored can't be one that this site gave."""
    for name, value in list(request.COOKIES.items()):
        if _UNSTORABLE.search(value):
            del request.COOKIES[name]


def _bad_request(request: HttpRequest, name: str, detail: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        name = _UNSTORABLE.sub("", name)
        return json_error("validation_error", "invalid", detail, 400, attr=name)
    return bad_request(request, None)
