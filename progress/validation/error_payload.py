"""The body of every error response, for those parts that answer without DRF."""


def error_payload(
    status: int, code: str, detail: str, *, attr: str | None = None, kind: str = ""
) -> dict:
    """Returns `{"type", "errors": [{"code", "detail", "attr"}]}`; the type follows the status."""
    kind = kind or ("server_error" if status >= 500 else "client_error")
    return {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}
