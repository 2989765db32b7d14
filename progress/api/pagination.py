from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """`?page=` and `?page_size=` (at most 500); answers `count`, `next`, `previous`, `results`."""

    page_size_query_param = "page_size"
    max_page_size = 500

    def get_page_size(self, request):
        """The requested size. An invalid one is refused, where DRF would ignore it."""
        asked = request.query_params.get(self.page_size_query_param, "")
        if not asked:
            return self.page_size
        if not (asked.isascii() and asked.isdigit()) or not asked.strip("0"):
            raise ValidationError({self.page_size_query_param: "A whole number, at least 1."})
        return min(int(asked), self.max_page_size)

    def get_schema_operation_parameters(self, view):
        described = super().get_schema_operation_parameters(view)
        for parameter in described:
            parameter["schema"]["minimum"] = 1
        return described

    def get_paginated_response_schema(self, schema):
        """In the way of OpenAPI 3.1: `next` and `previous` may be null."""
        described = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            described["properties"][name] = {"type": ["string", "null"], "format": "uri"}
        return described
