"""The API's description (OpenAPI): what drf-spectacular leaves out, and Swagger UI."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers

from .examples import add_examples

_ERROR = {
    "type": "object",
    "description": "Errors have one shape everywhere.",
    "properties": {
        "type": {
            "type": "string",
            "enum": ["validation_error", "client_error", "server_error"],
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "attr": {"type": ["string", "null"], "description": "The field at fault."},
                },
                "required": ["code", "detail", "attr"],
            },
        },
    },
    "required": ["type", "errors"],
}
_REMOVED_ROW = {
    "type": "object",
    "description": "A row that is no longer in the list.",
    "properties": {"id": {"type": "integer"}, "deleted": {"type": "boolean", "const": True}},
    "required": ["id", "deleted"],
    "additionalProperties": False,
}
_ERRORS_OF_ALL = {
    "400": "Something sent is invalid; each error names its field.",
    "401": "No credential, or a bad one.",
    "403": "A permission is missing, or the learner isn't enrolled (`not_enrolled`).",
    "404": "Unknown, or belongs to someone else.",
    "429": "Too fast; `Retry-After`.",
}
_ERRORS_OF_KEYS = {
    "409": "A request with this `Idempotency-Key` is being worked on (`idempotency_conflict`),"
    " or was done and its answer can't be read any more (`answer_unreadable`).",
    "422": "The `Idempotency-Key` was sent with another request (`idempotency_key_reused`).",
}
_ERRORS_OF_BODIES = {"413": "Too large.", "415": "An unsupported media type."}
_ERRORS_OF_REPORTING = {
    "409": "The session has ended (`session_ended`).",
    "429": "Too fast; `Retry-After`.",
}
_ERRORS_OF_FOLLOWING = {
    "409": "This installation keeps no record of changes (`changes_not_kept`).",
}
_ERRORS_OF_UPLOADS = {
    "409": "The part doesn't begin where the one before ended (`wrong_offset`).",
    "507": "There is no space left (`no_space`).",
}
_REPORTING_PATHS = {"/api/employee/update_progress", "/api/employee/end_session"}


# --- The schema ----------------------------------------------------------------------------------
def complete_schema(result, **_):
    """A postprocessing hook of drf-spectacular: corrects paths and ids, adds errors, in place."""
    result["components"]["schemas"]["Error"] = _ERROR
    result["components"]["schemas"]["RemovedRow"] = _REMOVED_ROW
    result["paths"] = {_brief_path(path): item for path, item in result["paths"].items()}
    for path, item in result["paths"].items():
        for method, operation in item.items():
            _describe_ids(operation)
            _describe_one_body(operation)
            if method == "post" and path not in _REPORTING_PATHS:
                _describe_idempotency(operation)
            if method == "get":
                _allow_empty(operation)
            _add_errors(path, method, operation)
    add_examples(result["paths"])
    return result


def _brief_path(path: str) -> str:
    """The brief's paths have no trailing slash; with one they work too."""
    return path.rstrip("/") if path.startswith("/api/employee/") else path


def _describe_ids(operation: dict) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"].endswith("id"):
            parameter["schema"] = {"type": "integer", "minimum": 0}


def _describe_one_body(operation: dict) -> None:
    """Bodies are described as JSON (a file: as a form): several descriptions of one body are one
    too many for generators of clients."""
    content = operation.get("requestBody", {}).get("content", {})
    for kept in ("application/json", "multipart/form-data"):
        if kept in content:
            operation["requestBody"]["content"] = {kept: content[kept]}
            return
    if content:  # of bytes, which are not optional
        operation["requestBody"]["required"] = True


def _describe_idempotency(operation: dict) -> None:
    operation.setdefault("parameters", []).append(
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Sent again with the same key within 24 hours, the request isn't done"
            " again: it gets the first answer.",
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        }
    )
    for status, description in _ERRORS_OF_KEYS.items():
        operation["responses"].setdefault(status, _error_response(description))


def _error_response(description: str) -> dict:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }


def _allow_empty(operation: dict) -> None:
    """`?course_id=` filters by nothing, as an empty field of a form does."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query" and not parameter.get("required"):
            parameter["allowEmptyValue"] = True


def _add_errors(path: str, method: str, operation: dict) -> None:
    errors = dict(_ERRORS_OF_ALL)
    if method != "get":
        errors |= _ERRORS_OF_BODIES
    if path in _REPORTING_PATHS:
        errors |= _ERRORS_OF_REPORTING
    if any(each["name"] == "updated_since" for each in operation.get("parameters", ())):
        errors |= _ERRORS_OF_FOLLOWING
    if path.startswith("/api/uploads/{") and method in {"put", "post"}:
        errors |= _ERRORS_OF_UPLOADS
    for status, description in errors.items():
        operation["responses"].setdefault(status, _error_response(description))


# --- Swagger UI, credentials and strict bodies -------------------------------------------------
# Swagger UI sets style attributes; scripts still come from this site only.
@method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]}), name="dispatch"
)
class Docs(SpectacularSwaggerSplitView):
    """Swagger UI; its script is a resource of its own, so nothing runs inline."""


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "progress.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`: a service account's key (`manage.py create_api_token`).",
        }


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = "progress.api.authentication.CookieAuthentication"
    name = "cookie"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A browser's login; unsafe methods need the CSRF token too.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "progress.api.authentication.SessionTokenAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Session <session_token>`, as `start_session` returned it.",
        }


class StrictBody(OpenApiSerializerExtension):
    """A body that refuses unknown fields says so, and a generated client won't send any."""

    target_class = "progress.validation.unknown_fields.RefusesUnknownFields"
    match_subclasses = True

    def map_serializer(self, auto_schema, direction):
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "request":
            schema["additionalProperties"] = False
            for name in sorted(self.target.tolerated - schema["properties"].keys()):
                schema["properties"][name] = {"description": "Ignored."}
            self._bound_rows(schema["properties"])
        return schema

    def _bound_rows(self, properties: dict) -> None:
        """States how many rows a list of serializers takes: drf-spectacular leaves that out."""
        for name, field in getattr(self.target, "fields", {}).items():
            if isinstance(field, serializers.ListSerializer) and name in properties:
                bounds = {"minItems": field.min_length, "maxItems": field.max_length}
                properties[name] |= {
                    key: value for key, value in bounds.items() if value is not None
                }
