"""Pages of lists: by number, or by a cursor that neither skips nor repeats a row."""

import hashlib

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.utils import encoders

from .following import FOLLOWING, Following

MAX_PAGE_SIZE = 500
REMOVED = {"$ref": "#/components/schemas/RemovedRow"}


_FOLLOWING_PARAMETERS = [
    {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "Empty for the first page, then as `next` has it. Rows come in the order of"
        " their ids, none twice and none left out, whatever is written meanwhile.",
        "schema": {"type": "string", "maxLength": 2000},
    },
    {
        "name": "updated_since",
        "in": "query",
        "required": False,
        "description": "Only rows that changed since: a `next_updated_since`, which misses"
        ' nothing, or a moment. Removed rows come as `{"id": 7, "deleted": true}`.',
        "schema": {"type": "string", "maxLength": 2000},
    },
]


class Pages(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 500); answers `count`, `next`, `previous`, `results`."""

    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def get_page_size(self, request):
        """The requested size. An invalid one is refused, where DRF would ignore it."""
        size = request.query_params.get(self.page_size_query_param, "")
        if not size:
            return self.page_size
        if not (size.isascii() and size.isdigit()) or not size.strip("0"):
            raise ValidationError({self.page_size_query_param: "A whole number, at least 1."})
        return min(int(size), self.max_page_size)

    def get_schema_operation_parameters(self, view):
        described = super().get_schema_operation_parameters(view)
        for parameter in described:
            parameter["schema"]["minimum"] = 1
            if parameter["name"] == self.page_size_query_param:
                parameter["description"] = (
                    f"Rows on a page; {self.page_size} if not given. Values above"
                    f" {self.max_page_size} count as {self.max_page_size}."
                )
        return described

    def get_paginated_response_schema(self, schema):
        """In the way of OpenAPI 3.1: `next` and `previous` may be null."""
        described = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            described["properties"][name] = {"type": ["string", "null"], "format": "uri"}
        return described


class FollowedPages(Pages):
    """Pages of a list that can also be followed, by `?cursor=` and `?updated_since=`.

    Its view's `followed` says what counts as a change of its rows.
    """

    _following: Following | None = None

    def paginate_queryset(self, queryset, request, view=None):
        names = FOLLOWING & request.query_params.keys()
        if not names:
            return super().paginate_queryset(queryset, request, view)
        self._refuse_other_order(request, min(names))
        self._following = Following(request, view.followed)
        return self._following.page(queryset, self.get_page_size(request))

    def _refuse_other_order(self, request, name: str) -> None:
        """A cursor goes by id, which never changes: any other order could skip rows."""
        wrong = {}
        if "page" in request.query_params:
            wrong["page"] = f"Pages have no number with `{name}`: `next` leads on."
        if request.query_params.get("ordering", "") not in {"", "id"}:
            wrong["ordering"] = f"With `{name}` the order is that of the ids."
        if wrong:
            raise ValidationError({k: ErrorDetail(v, "not_with_cursor") for k, v in wrong.items()})

    def get_paginated_response(self, data):
        if self._following is not None:
            payload = self._following.payload(data)
            return Response(payload, headers=_etag(payload))
        return super().get_paginated_response(data)

    def get_schema_operation_parameters(self, view):
        return [*super().get_schema_operation_parameters(view), *_FOLLOWING_PARAMETERS]

    def get_paginated_response_schema(self, schema):
        described = super().get_paginated_response_schema(schema)
        described["properties"]["count"] = {
            "type": ["integer", "null"],
            "description": "How many there are; null from the second page of a cursor on.",
        }
        described["properties"]["results"]["items"] = {"anyOf": [schema["items"], REMOVED]}
        described["properties"]["next_updated_since"] = {
            "type": "string",
            "description": "With `cursor` or `updated_since`: what to send as `updated_since` next"
            " time, after the last page.",
        }
        return described


def _etag(payload: dict) -> dict[str, str]:
    """Of the rows alone: while they are the same, the position of the first answer is as good."""
    if payload["next"] is not None:
        return {}
    digest = hashlib.sha256(encoders.JSONEncoder().encode(payload["results"]).encode())
    return {"ETag": f'W/"{digest.hexdigest()[:32]}"'}
