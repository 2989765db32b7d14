"""`/scim/v2/`: one view for all addresses, which the protocol tells apart."""

import json

from django.http import HttpRequest, HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView
from scim2_models import (
    Error,
    InvalidValueException,
    SCIMException,
)
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse

from progress.api.authentication import BearerAuthentication, TokenAuthentication
from progress.api.error_response import error_response
from progress.operations.locking import retried

from .service import SERVICE, Handler
from .storage import Storage

PARAMETERS = {
    "attributes",
    "excludedAttributes",
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
}
# Microsoft Entra adds a flag of its own to each address, such as aadOptscim062020.
TOLERATED = "aadoptscim"


class AnyAccept(BaseContentNegotiation):
    """Answers are JSON of SCIM, whatever the caller says to accept."""

    def select_parser(self, request, parsers):
        return None

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ScimView(APIView):
    authentication_classes = [BearerAuthentication, TokenAuthentication]
    permission_classes = [IsAuthenticated]
    content_negotiation_class = AnyAccept
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    schema = None  # /Schemas and /ResourceTypes describe it

    def get_exception_handler(self):
        return scim_error

    def get(self, request, address=""):
        return _as_http(_handled(_scim_request(request, address)))

    def post(self, request, address=""):
        return self.get(request, address)

    def put(self, request, address=""):
        return self.get(request, address)

    def patch(self, request, address=""):
        return self.get(request, address)

    def delete(self, request, address=""):
        return self.get(request, address)


def _scim_request(request, address: str) -> ScimRequest:
    """Raises InvalidValueException for a parameter that SCIM doesn't have."""
    query = request.query_params.dict()
    for name in query:
        if name not in PARAMETERS and not name.lower().startswith(TOLERATED):
            raise InvalidValueException(detail=f"{name}: There is no such parameter here.")
    root = request.path[: len(request.path) - len(address)]
    return ScimRequest(
        method="GET" if request.method == "HEAD" else request.method,
        base_url=request.build_absolute_uri(root),
        path=address or "/",
        query=query,
        headers=dict(request.headers.items()),
        body=_body(request._request),
        subject=request.user,
    )


def _body(request: HttpRequest) -> bytes:
    """Raises RequestDataTooBig."""
    return request.body if request.method in {"POST", "PUT", "PATCH"} else b""


def _handled(request: ScimRequest) -> ScimResponse:
    if request.method == "GET":
        return Handler(SERVICE, Storage(request.subject, is_writing=False)).handle(request)
    return _written(request)


@retried
def _written(request: ScimRequest) -> ScimResponse:
    is_search = request.path.rstrip("/").endswith(".search")
    storage = Storage(request.subject, is_writing=not is_search)
    return Handler(SERVICE, storage).handle(request)


def _as_http(answer: ScimResponse) -> HttpResponse:
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    response = HttpResponse(body, status=answer.status, content_type=SCIM_MEDIA_TYPE)
    for name, value in answer.headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response


def scim_error(exc: Exception, context) -> HttpResponse | None:
    """The exception handler of the view: errors as RFC 7644 has them, section 3.12."""
    if isinstance(exc, SCIMException):
        return _as_http(SERVICE.error_response(exc))
    found = error_response(exc, context)
    if found is None:
        return None
    errors = found.data["errors"]
    error = Error(
        status=found.status_code,
        detail=" ".join(each["detail"] for each in errors),
        scim_type=InvalidValueException.scim_type if found.status_code == 400 else None,
    )
    headers = {
        name: found[name] for name in ("WWW-Authenticate", "Retry-After") if found.has_header(name)
    }
    return _as_http(ScimResponse(found.status_code, error.model_dump(), headers))
