"""Lists that answer no other question than the one asked: what isn't a filter is refused."""

import django_filters
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter

KNOWN = {"page", "page_size", "ordering", "format"}
FLAGS = {"true", "false", "True", "False", "1", "0", ""}


class StrictFilterBackend(DjangoFilterBackend):
    """Raises ValidationError for an unknown name and for a flag that is neither true nor false:
    Django's filters would leave both out, and answer with everything."""

    def get_filterset(self, request, queryset, view):
        filterset = super().get_filterset(request, queryset, view)
        filters = filterset.filters if filterset else {}
        asked = request.query_params
        wrong = dict.fromkeys(
            sorted(asked.keys() - filters.keys() - KNOWN), "There is no such filter here."
        )
        for name, each in filters.items():
            is_flag = isinstance(each, django_filters.BooleanFilter)
            if is_flag and asked.get(name, "") not in FLAGS:
                wrong[name] = "Either true or false."
        if wrong:
            raise ValidationError(wrong)
        return filterset


class StrictOrderingFilter(OrderingFilter):
    """Raises ValidationError for a field that the list can't be ordered by."""

    def remove_invalid_fields(self, queryset, fields, view, request):
        kept = super().remove_invalid_fields(queryset, fields, view, request)
        if unknown := [field for field in fields if field not in kept]:
            raise ValidationError({"ordering": f"Not by {', '.join(unknown)}."})
        return kept


STRICT = [StrictFilterBackend, StrictOrderingFilter]
