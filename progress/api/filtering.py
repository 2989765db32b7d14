"""Lists that answer no other question than the one asked: what isn't a parameter is refused."""

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

ANYWHERE = frozenset({"format"})
PAGED = frozenset({"page", "page_size"})
FLAGS = {"true", "false", "True", "False", "1", "0", ""}
# Of which every zone can tell the time, and the database too.
YEARS = range(1900, 3000)
LARGEST = 2**63 - 1


# --- Names ---------------------------------------------------------------------------------------
def refuse_unknown(request, known: Iterable[str] = ()) -> None:
    """Raise ValidationError, `unknown_parameter`, for each other name in the request's address."""
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
    """A mixin for views: a request's address is refused for what isn't in `parameters`; a list's
    for what isn't a filter of it, by its filter backend.

    It is asked once it is known who calls, and that they may.
    """

    parameters: frozenset[str] = frozenset()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if getattr(self, "action", None) != "list":
            refuse_unknown(request, self.parameters)


class StrictFilterBackend(DjangoFilterBackend):
    """Raises ValidationError for an unknown name and for a flag that is neither true nor false:
    Django's filters would leave both out, and answer with everything.

    A single row is found by its address alone: there any parameter is unknown.
    """

    def filter_queryset(self, request, queryset, view):
        if getattr(view, "detail", False):
            refuse_unknown(request)
            return queryset
        return super().filter_queryset(request, queryset, view)

    def get_filterset(self, request, queryset, view):
        filterset = super().get_filterset(request, queryset, view)
        filters = filterset.filters if filterset else {}
        asked = request.query_params
        known = filters.keys() | PAGED
        if getattr(view, "ordering_fields", None):
            known |= {"ordering"}
        wrong: dict = _unknown(request, known)
        for name, each in filters.items():
            is_flag = isinstance(each, django_filters.BooleanFilter)
            if is_flag and asked.get(name, "") not in FLAGS:
                wrong[name] = "Either true or false."
        if wrong:
            raise ValidationError(wrong)
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
            return []  # the parameter is refused there
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
@extend_schema_field({"type": "integer", "minimum": -LARGEST, "maximum": LARGEST})
class WholeNumberFilter(django_filters.NumberFilter):
    """A whole number: 1.5 and NaN are refused."""

    field_class = forms.IntegerField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=-LARGEST, **kwargs)

    def get_max_validator(self):
        return MaxValueValidator(LARGEST)


class WithinSight(WholeNumberFilter):
    """An id of what the caller sees; for one who doesn't see all, another id is 404.

    An empty list would say that there is nothing, where there may be something that isn't theirs.
    `visible` takes the caller and answers a queryset, or None for whoever sees all.
    """

    def __init__(self, *args, visible, **kwargs):
        self._visible = visible
        super().__init__(*args, **kwargs)

    def filter(self, qs, value):
        if value is not None:
            seen = self._visible(self.parent.request.user)
            if seen is not None and not seen.filter(pk=value).exists():
                raise NotFound
        return super().filter(qs, value)


class MomentField(forms.CharField):
    """A date, or a moment; one without an offset is of the zone that is current."""

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

    So `lt` a date is before the day begins, `gte` from its beginning, `lte` until its end, `gt`
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
    """When the day begins, and the next one."""
    return (
        datetime.combine(day, time(), zone),
        datetime.combine(day + timedelta(days=1), time(), zone),
    )
