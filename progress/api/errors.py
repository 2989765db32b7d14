"""One exception for each way a caller can react; `error_response` turns them into HTTP."""

from rest_framework import status
from rest_framework.exceptions import APIException


class NotEnrolled(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_detail = "This learner is not enrolled in this course."
    default_code = "not_enrolled"


class SessionEnded(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This session has ended. Start a new one."
    default_code = "session_ended"


class PayloadTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is too large."
    default_code = "payload_too_large"


class Unavailable(APIException):
    """The database can't answer at this moment; `wait` becomes Retry-After, in seconds."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The server can't answer now. Try again soon."
    default_code = "unavailable"
    wait = 5


class EventRejected(APIException):
    """A single flat event that can't count: its fields, each with its own error."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"

    def __init__(self, outcome):
        super().__init__(outcome.detail, outcome.code)
        self.outcome = outcome


class EventConflict(APIException):
    """A single flat event that lost against what is stored; `event` is its full result."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, detail, code, event):
        super().__init__(detail, code)
        self.event = event


class Failed(APIException):
    """A fault of our own."""

    default_detail = "A server error occurred."
