"""What a writer of the project refuses, as the errors of SCIM."""

from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import ValidationError
from scim2_models import InvalidValueException, SCIMException, UniquenessException

_NAMES = {
    "username": "userName",
    "full_name": "displayName",
    "email": "emails.value",
    "time_zone": "timezone",
    "language": "preferredLanguage",
    "external_id": "externalId",
    "display_name": "displayName",
    "manager_id": "manager.value",
}


def refused(error: ValidationError) -> SCIMException:
    """The error that names each attribute at fault; `uniqueness` where a value is taken."""
    errors = flatten_errors(error.detail)
    texts = [
        f"{_NAMES.get(each.attr, each.attr)}: {each.detail}" if each.attr else each.detail
        for each in errors
    ]
    is_taken = any(each.code == "unique" for each in errors)
    kind = UniquenessException if is_taken else InvalidValueException
    return kind(detail=" ".join(texts))
