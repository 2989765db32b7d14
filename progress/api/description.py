"""What the generated description leaves out: the brief's exact paths, and the errors' one shape."""

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
_EVERYWHERE = {
    "400": "Something sent is invalid; each error names its field.",
    "401": "No credential, or a bad one.",
    "403": "A permission is missing, or the learner isn't enrolled (`not_enrolled`).",
    "404": "Unknown, or another's.",
}
_BODIES = {"413": "Too large.", "415": "A media type that isn't taken."}
_REPORTING = {"409": "The session has ended (`session_ended`).", "429": "Too fast; `Retry-After`."}
_REPORTS = {"/api/employee/update_progress", "/api/employee/end_session"}


def describe(result, **_):
    """A postprocessing hook of drf-spectacular: mends paths, ids and errors in place."""
    result["components"]["schemas"]["Error"] = _ERROR
    result["paths"] = {_exact(path): item for path, item in result["paths"].items()}
    for path, item in result["paths"].items():
        for method, operation in item.items():
            _mend_ids(operation)
            if method == "get":
                _allow_empty(operation)
            _add_errors(path, method, operation)
    return result


def _exact(path: str) -> str:
    """The brief's paths have no trailing slash; with one they work too."""
    return path.rstrip("/") if path.startswith("/api/employee/") else path


def _mend_ids(operation: dict) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"].endswith("id"):
            parameter["schema"] = {"type": "integer", "minimum": 0}


def _allow_empty(operation: dict) -> None:
    """`?course_id=` asks for nothing, as an empty field of a form does."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query" and not parameter.get("required"):
            parameter["allowEmptyValue"] = True


def _add_errors(path: str, method: str, operation: dict) -> None:
    told = dict(_EVERYWHERE)
    if method != "get":
        told |= _BODIES
    if path in _REPORTS:
        told |= _REPORTING
    for status, description in told.items():
        operation["responses"].setdefault(
            status,
            {
                "description": description,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        )
