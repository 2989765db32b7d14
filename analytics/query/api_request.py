"""What the endpoints of the dashboards share: parameters, and serializers of figures and charts."""

from collections.abc import Collection

from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from progress.api import filtering
from progress.validation.storable import MAX_ID

from .filters import EVERYTHING, Filters, Titles, filters_from

A_MONTH = {"type": "string", "pattern": r"^2\d{3}-(0[1-9]|1[0-2])$"}
A_COUNT = {"type": "integer", "minimum": 1}
AN_ID = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
COURSE_FILTER_PARAMETERS = [
    OpenApiParameter(
        "department", OpenApiTypes.STR, description="Only departments of five people or more."
    ),
    OpenApiParameter("cohort", A_MONTH, description="Enrolled in this month: `2026-03`."),
    OpenApiParameter("since", OpenApiTypes.DATE, description="The first day."),
    OpenApiParameter("until", OpenApiTypes.DATE, description="The last day; today if not given."),
]
FILTER_PARAMETERS = [
    OpenApiParameter("course", OpenApiTypes.INT, description="Of this course only."),
    *COURSE_FILTER_PARAMETERS,
]
PAGING = [
    OpenApiParameter("page", A_COUNT),
    OpenApiParameter("page_size", A_COUNT, description="Values above 500 count as 500."),
]
PAGING_NAMES = {each.name for each in PAGING}


def filters_of(
    request, courses: Titles, *, has_course: bool = True, allowed: Collection[str] = EVERYTHING
) -> Filters:
    """The filters in the request's address, over these courses. Raises ValidationError."""
    filters = filters_from(request.GET, courses, has_course=has_course, allowed=allowed)
    check(filters.form, request)
    return filters


def check(form: forms.Form, request, also: Collection[str] = ()) -> None:
    """Raises ValidationError for an invalid or unknown filter, by its name.

    `also` names further parameters that are accepted.
    """
    if not form.is_valid():
        raise ValidationError(form.errors)
    refuse_unknown(request, {*form.fields, *also})


def refuse_unknown(request, allowed: Collection[str] = ()) -> None:
    """Raises ValidationError for each parameter that isn't `allowed`, or is given twice."""
    filtering.refuse_unknown(request, allowed)
    twice = sorted(name for name in request.GET if len(request.GET.getlist(name)) > 1)
    if twice:
        raise ValidationError(dict.fromkeys(twice, "It is given twice."))


class DashboardFigureSerializer(serializers.Serializer):
    """A number as on the page, with what it counts; `before` is that of as many days before."""

    name = serializers.CharField()
    label = serializers.CharField()
    amount = serializers.FloatField(allow_null=True)
    unit = serializers.ChoiceField(choices=["count", "percent", "seconds", "days"])
    before = serializers.FloatField(allow_null=True)
    counts = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)


class ChartSerializer(serializers.ListSerializer):
    """A chart as the list of its bars: empty if there is nothing to draw."""

    def get_attribute(self, instance) -> list:
        chart = super().get_attribute(instance)
        return chart.bars if chart else []


class BarSerializer(serializers.Serializer):
    label = serializers.CharField()
    value = serializers.FloatField()

    class Meta:
        list_serializer_class = ChartSerializer
