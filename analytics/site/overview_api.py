"""The first page for programs, and who is learning right now."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query import activity
from analytics.query.api_request import (
    FILTER_PARAMETERS,
    BarSerializer,
    DashboardFigureSerializer,
    bars,
    filters_of,
)
from analytics.query.filters import AS_OF_NOW
from analytics.query.scope import titles_for
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica

from . import overview


class CourseRowSerializer(serializers.Serializer):
    course_id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    learners = serializers.IntegerField()
    done_percent = serializers.IntegerField()
    in_need = serializers.IntegerField()
    at_risk = serializers.IntegerField()
    overdue = serializers.IntegerField()


class DropoutSerializer(serializers.Serializer):
    content_id = serializers.IntegerField()
    title = serializers.CharField()
    course = serializers.CharField()
    begun = serializers.IntegerField()
    left = serializers.IntegerField()
    percent = serializers.IntegerField()


class OverviewSerializer(serializers.Serializer):
    """Who needs somebody one by one is the report `needs`, and each day the report `days`."""

    as_of = serializers.DateTimeField()
    sentence = serializers.CharField()
    learners = serializers.IntegerField()
    in_need = serializers.IntegerField(help_text="Of these learners.")
    figures = DashboardFigureSerializer(many=True)
    active_seconds_by_day = BarSerializer(many=True)
    losing = DropoutSerializer(many=True, help_text="Contents that most of who began them left.")
    courses = CourseRowSerializer(many=True)


class OverviewView(OwnZone, views.APIView):
    """How things go in the courses whose learners one may look at."""

    @extend_schema(parameters=FILTER_PARAMETERS, responses=OverviewSerializer)
    def get(self, request):
        filters, now = filters_of(request, titles_for(request.user)), timezone.now()
        with on_replica():
            shown = overview.overview(filters, request.user, now)
        insight = {
            "as_of": now,
            "sentence": shown["sentence"].text,
            "learners": shown["sentence"].learners,
            "in_need": shown["sentence"].in_need,
            "figures": shown["figures"],
            "active_seconds_by_day": _seconds(shown["days"]),
            "losing": shown["losing"],
            "courses": shown["course_rows"],
        }
        return Response(OverviewSerializer(insight).data)


def _seconds(chart) -> list[dict]:
    return [{"label": bar.label, "value": bar.value / 1000} for bar in bars(chart)]


class ActiveSerializer(serializers.Serializer):
    active = serializers.IntegerField(help_text="Learners heard of within two minutes.")
    as_of = serializers.DateTimeField()


class ActiveView(OwnZone, views.APIView):
    """How many learn right now."""

    @extend_schema(parameters=FILTER_PARAMETERS[:3], responses=ActiveSerializer)
    def get(self, request):
        courses, now = titles_for(request.user), timezone.now()
        filters = filters_of(request, courses, allowed=AS_OF_NOW)
        insight = {"active": activity.active_now(filters, now), "as_of": now}
        return Response(ActiveSerializer(insight).data)
