"""Forecasts of open enrolments, and what would move them, for planners."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.models import CompletionForecast
from analytics.query.api_request import refuse_unknown
from analytics.query.permissions import LooksAtLearners
from progress.api.filtering import STRICT, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages

from .texts import reason_text
from .what_if import MAX_HOURS, MIN_HOURS, what_if

HOURS = {"type": "number", "minimum": MIN_HOURS, "maximum": MAX_HOURS}


class ForecastSerializer(serializers.ModelSerializer):
    """`first_at`, `median_at`, `last_at`: of 100 such enrolments about 80 are completed between the
    first and the last. A `last_at` of null: they may also be completed after `horizon_at`, or
    never; a `median_at` of null: most of them are."""

    why_not = serializers.SerializerMethodField(
        help_text="Why no day is named, in words. Empty where one is."
    )
    late_chance = serializers.FloatField(
        allow_null=True,
        help_text="The chance to miss the due date, 0 to 1; null where it isn't known.",
    )

    class Meta:
        model = CompletionForecast
        fields = [
            "enrollment_id",
            "user_id",
            "course_id",
            "as_of",
            "left_seconds",
            "left_contents",
            "first_at",
            "median_at",
            "last_at",
            "horizon_at",
            "late_chance",
            "insufficient",
            "why_not",
        ]

    def get_why_not(self, forecast: CompletionForecast) -> str:
        return reason_text(forecast.insufficient)


class WhatIfQuerySerializer(serializers.Serializer):
    hours = serializers.FloatField(min_value=MIN_HOURS, max_value=MAX_HOURS)

    def validate_hours(self, hours: float) -> float:
        # NaN is neither below the minimum nor above the maximum.
        if hours != hours:
            raise serializers.ValidationError("A number of hours is needed.", "invalid")
        return hours


class WhatIfSerializer(serializers.Serializer):
    """The forecast as of now, and with `hours` of learning in the coming seven days."""

    hours = serializers.FloatField()
    now = ForecastSerializer()
    then = ForecastSerializer()


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 1})
class ChanceFilter(django_filters.NumberFilter):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=0, max_value=1, **kwargs)


class ForecastFilter(django_filters.FilterSet):
    course_id = WholeNumberFilter()
    user_id = WholeNumberFilter()
    late_chance_at_least = ChanceFilter("late_chance", "gte")
    insufficient = django_filters.ChoiceFilter(choices=CompletionForecast.Insufficient.choices)

    class Meta:
        model = CompletionForecast
        fields: list[str] = []


class ForecastViewSet(viewsets.ReadOnlyModelViewSet):
    """When open enrolments are expected to be completed, as forecast last night.

    Days are named only in the parts of a course's time in which earlier forecasts turned out to be
    right as often as they say; elsewhere `insufficient` and `why_not` say why there is none.
    Instructors see the learners of their courses, managers those of their team.
    """

    queryset = CompletionForecast.objects.none()
    serializer_class = ForecastSerializer
    permission_classes = [IsAuthenticated, LooksAtLearners]
    sees_all_with = "analytics.view_completionforecast"
    filter_backends = STRICT
    filterset_class = ForecastFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("analytics_completionforecast",),
        sees_all=lambda user: user.sees_all("analytics.view_completionforecast"),
    )
    ordering_fields = ["late_chance", "enrollment_id", "as_of"]
    lookup_field = "enrollment_id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        return CompletionForecast.objects.visible_to(self.request.user)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "hours", HOURS, required=True, description="Of learning in the coming seven days."
            )
        ],
        responses=WhatIfSerializer,
        filters=False,
    )
    @action(detail=True, url_path="what-if", pagination_class=None)
    def what_if(self, request, enrollment_id):
        """What the forecast would be if so many hours were spent in the coming week.

        The model of every night, computed now; more hours never make it later.
        """
        # Its filters are the list's: the hours aren't one of them.
        forecast = get_object_or_404(self.get_queryset(), pk=enrollment_id)
        refuse_unknown(request, {"hours"})
        query = WhatIfQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        hours = query.validated_data["hours"]
        key = forecast.enrollment_id
        found = what_if([(key, forecast.course_id)], hours, timezone.now()).get(key)
        if found is None:
            raise ValidationError({"enrollment_id": "This enrolment is no longer open."})
        payload = {"hours": hours, "now": found.now, "then": found.then}
        return Response(WhatIfSerializer(payload).data)
