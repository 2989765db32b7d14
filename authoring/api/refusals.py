"""What uploading and copying refuse, as errors of the API."""

from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError

from authoring.storing import UploadRefused
from authoring.uploading import UnknownUpload, WrongOffset


class OutOfOrder(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "wrong_offset"

    def __init__(self, received: int):
        super().__init__(f"{received} bytes have arrived: go on there.")


class NoSpace(APIException):
    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "no_space"


def as_api_error(exc: Exception) -> Exception:
    """Any other exception is returned as it is."""
    if isinstance(exc, UnknownUpload):
        return NotFound()
    if isinstance(exc, WrongOffset):
        return OutOfOrder(exc.received)
    if isinstance(exc, UploadRefused):
        if exc.status == status.HTTP_507_INSUFFICIENT_STORAGE:
            return NoSpace(exc.message)
        return ValidationError({exc.field: exc.message}, "refused")
    return exc
