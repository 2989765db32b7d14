"""One error shape everywhere: `{"type": …, "errors": [{"code", "detail", "attr"}]}`."""

import logging
import re

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from drf_standardized_errors.handler import exception_handler
from rest_framework.exceptions import APIException, ParseError, ValidationError

from progress.validation.storable import quotable

from .errors import EventConflict, EventRejected, PayloadTooLarge, Unavailable

logger = logging.getLogger(__name__)


def error_response(exc, context):
    """DRF's exception handler: the standard shape, plus what a single event's sender needs."""
    if isinstance(exc, OperationalError | InterfaceError):
        # The database is away, or a lock could not be taken in time: the client may retry.
        logger.error("the database is unavailable: %s", exc)
        exc = Unavailable()
    elif isinstance(exc, DataError | IntegrityError | ValueError | OverflowError):
        exc = _invalid_value(exc) or exc
    elif isinstance(exc, SuspiciousOperation):
        exc = _unreadable_request(exc, context["request"].method)
    response = exception_handler(exc, context)
    if response is not None:
        response.data = quotable(response.data)  # it may quote what was sent
    if isinstance(exc, EventConflict):
        response.data["events"] = [exc.event]
    if isinstance(exc, EventRejected):
        response.data = {"type": "validation_error", "errors": exc.outcome.as_payload()["errors"]}
    return response


def _unreadable_request(exc: SuspiciousOperation, method: str) -> APIException:
    """The error for a request that Django refuses to read; DRF would answer 500."""
    too_much = isinstance(exc, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    if too_much and method not in {"GET", "HEAD"}:
        return PayloadTooLarge()
    return ParseError("The request can't be read.")


_KEY = re.compile(r"Key \(([^)]+)\)=")
_UNIQUE = "23505"


def _invalid_value(exc: Exception) -> ValidationError | None:
    """The error for a value that the database or its driver refused; None if the fault is ours.

    A serializer or a filter should have refused the value, so it is logged.
    """
    cause = exc.__cause__
    diagnosis = getattr(cause, "diag", None)
    code = getattr(cause, "pgcode", None)
    if isinstance(exc, DataError | IntegrityError):
        if code is None:
            return None
        logger.warning("%s %s", type(exc).__name__, code)
    elif "NUL" not in str(exc) and not isinstance(exc, UnicodeEncodeError | OverflowError):
        return None
    key = _KEY.search(getattr(diagnosis, "message_detail", None) or "")
    if key is None:
        return ValidationError("A value is out of range, or contradicts another.", "invalid")
    name = key[1].split(", ")[-1]
    if code == _UNIQUE:
        return ValidationError({name: "This value is already in use."}, "unique")
    return ValidationError({name: "It doesn't exist, or is still in use."}, "invalid")
