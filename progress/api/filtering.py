"""Filters of lists. An unknown parameter is refused: a typing error must not return every row."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.core.validators import MaxValueValidator
from django.utils.dateparse import parse_date, parse_datetime
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.filters import OrderingFilter

from progress.validation.storable import MAX_ID

from .following import FOLLOWING

ANYWHERE = frozenset({"format"})
PAGED = frozenset({"page", "page_size"})
FLAGS = {"true", "false", "True", "False", "1", "0", ""}
# Every zone, and the database, can represent a moment of these years.
YEARS = range(1900, 3000)


# --- Names ---------------------------------------------------------------------------------------
def refuse_unknown(request, known: Iterable[str] = ()) -> None:
    """Raise ValidationError, `unknown_parameter`, for each query parameter that isn't `known`."""
    unknown = _unknown(request, known)
    if unknown:
        raise ValidationError(unknown)


def _unknown(request, known: Iterable[str]) -> dict[str, ErrorDetail]:
    names = request.query_params.keys() - set(known) - ANYWHERE
    return {
        name: ErrorDetail("There is no such parameter here.", "unknown_parameter")
        for name in sorted(names)
    }


class KnownParameters:
    """A mixin for views: query parameters other than `parameters` are refused. In a list, its
    filter backend refuses those that are no filter of it.

    This is checked after authentication and permissions.
    """

    parameters: frozenset[str] = frozenset()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if getattr(self, "action", None) != "list":
            refuse_unknown(request, self.parameters)


class StrictFilterBackend(DjangoFilterBackend):
    """Raises ValidationError for an unknown name and for a flag that is neither true nor false:
    Django's filters would ignore both, and return every row.

    A single row is found by its URL alone: there, any parameter is unknown.
    """

    def filter_queryset(self, request, queryset, view):
        if getattr(view, "detail", False):
            refuse_unknown(request)
            return queryset
        return super().filter_queryset(request, queryset, view)

    def get_filterset(self, request, queryset, view):
        filterset = super().get_filterset(request, queryset, view)
        filters = filterset.filters if filterset else {}
        query = request.query_params
        known = filters.keys() | PAGED
        if getattr(view, "ordering_fields", None):
            known |= {"ordering"}
        if getattr(view, "followed", None):
            known |= FOLLOWING
        errors: dict = _unknown(request, known)
        for name, each in filters.items():
            is_flag = isinstance(each, django_filters.BooleanFilter)
            if is_flag and query.get(name, "") not in FLAGS:
                errors[name] = "Must be true or false."
        if errors:
            raise ValidationError(errors)
        return filterset


class StrictOrderingFilter(OrderingFilter):
    """Raises ValidationError for a field that the list can't be ordered by."""

    def filter_queryset(self, request, queryset, view):
        if getattr(view, "detail", False):
            return queryset
        return super().filter_queryset(request, queryset, view)

    def get_schema_operation_parameters(self, view):
        fields = "|".join(map(re.escape, getattr(view, "ordering_fields", None) or ()))
        if not fields:
            return []  # such a list refuses the parameter
        described = super().get_schema_operation_parameters(view)
        for parameter in described:
            parameter["schema"]["pattern"] = f"^-?({fields})(,-?({fields}))*$"
        return described

    def remove_invalid_fields(self, queryset, fields, view, request):
        kept = super().remove_invalid_fields(queryset, fields, view, request)
        if unknown := [field for field in fields if field not in kept]:
            raise ValidationError({"ordering": f"Not by {', '.join(unknown)}."})
        return kept


STRICT = [StrictFilterBackend, StrictOrderingFilter]


# --- Values --------------------------------------------------------------------------------------
@extend_schema_field({"type": "integer", "minimum": -MAX_ID, "maximum": MAX_ID})
class WholeNumberFilter(django_filters.NumberFilter):
    """A whole number: 1.5 and NaN are refused."""

    field_class = forms.IntegerField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=-MAX_ID, **kwargs)

    def get_max_validator(self):
        return MaxValueValidator(MAX_ID)


class VisibleIdFilter(WholeNumberFilter):
    """The id of a person or course that the caller may see; any other id is 404.

    An empty list would say that there are no rows, while there may be some that the caller may
    not see. `visible` takes the caller and returns a queryset; callers who have `permission` for
    all courses may filter by any id.
    """

    def __init__(self, *args, visible, permission: str, **kwargs):
        self._visible, self._permission = visible, permission
        super().__init__(*args, **kwargs)

    def filter(self, qs, value):
        if value is not None and not self._may_see(value):
            raise NotFound
        return super().filter(qs, value)

    def _may_see(self, pk) -> bool:
        user = self.parent.request.user
        return user.sees_all(self._permission) or self._visible(user).filter(pk=pk).exists()


class MomentField(forms.CharField):
    """A date or a moment; a moment without an offset is in the current time zone."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            found = parse_date(text) or parse_datetime(text)
        except ValueError:
            found = None
        if found is None or found.year not in YEARS:
            raise forms.ValidationError(
                "A date such as 2026-12-31, or a moment such as 2026-12-31T12:00+01:00.", "invalid"
            )
        return found


@extend_schema_field(
    {"oneOf": [{"type": "string", "format": each} for each in ("date-time", "date")]}
)
class MomentFilter(django_filters.Filter):
    """Compares with a moment; a date is the whole day in the caller's zone.

    For a date, `lt` is before the day begins, `gte` from its beginning, `lte` until its end, `gt`
    after its end, and `exact` within it.
    """

    field_class = MomentField

    def filter(self, qs, value):
        if value is None:
            return qs
        zone = ZoneInfo(self.parent.request.user.time_zone)
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=zone)
            return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": moment})
        begins, ends = _day(value, zone)
        bounds = {
            "lt": {"lt": begins},
            "gte": {"gte": begins},
            "lte": {"lt": ends},
            "gt": {"gte": ends},
            "exact": {"gte": begins, "lt": ends},
        }[self.lookup_expr]
        return qs.filter(**{f"{self.field_name}__{name}": to for name, to in bounds.items()})


def _day(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The beginnings of the day and of the next one."""
    return (
        datetime.combine(day, time(), zone),
        datetime.combine(day + timedelta(days=1), time(), zone),
    )
