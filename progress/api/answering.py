"""One error shape everywhere: `{"type": …, "errors": [{"code", "detail", "attr"}]}`."""

import logging

from django.db import InterfaceError, OperationalError
from drf_standardized_errors.handler import exception_handler

from .errors import EventConflict, EventRejected, Unavailable

logger = logging.getLogger(__name__)


def answer(exc, context):
    """DRF's exception handler: the standard shape, plus what a single event's sender needs."""
    if isinstance(exc, OperationalError | InterfaceError):
        # The database is away, or a lock was not to be had: it is worth asking again.
        logger.error("the database can't answer: %s", exc)
        exc = Unavailable()
    response = exception_handler(exc, context)
    if isinstance(exc, EventConflict):
        response.data["events"] = [exc.event]
    if isinstance(exc, EventRejected):
        told = exc.outcome.answer()
        response.data = {"type": "validation_error", "errors": told["errors"]}
    return response
