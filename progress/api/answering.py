"""One error shape everywhere: `{"type": …, "errors": [{"code", "detail", "attr"}]}`."""

from drf_standardized_errors.handler import exception_handler

from .errors import EventConflict, EventRejected


def answer(exc, context):
    """DRF's exception handler: the standard shape, plus what a single event's sender needs."""
    response = exception_handler(exc, context)
    if isinstance(exc, EventConflict):
        response.data["events"] = [exc.event]
    if isinstance(exc, EventRejected):
        told = exc.outcome.answer()
        response.data = {"type": "validation_error", "errors": told["errors"]}
    return response
