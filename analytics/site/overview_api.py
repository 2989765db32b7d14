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
    filters_of,
)
from analytics.query.filters import AS_OF_NOW
from analytics.query.scope import seen_by
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
    as_of = serializers.DateTimeField(help_text="Counted hourly, unless for a group of learners.")


class SecondsField(serializers.FloatField):
    """Milliseconds, as seconds."""

    def to_representation(self, value) -> float:
        return super().to_representation(value) / 1000


class SecondsBarSerializer(BarSerializer):
    """A bar of a chart of time, in seconds."""

    value = SecondsField()


class OverviewSerializer(serializers.Serializer):
    """The learners who need attention are in the report `needs`, each day in the report `days`."""

    as_of = serializers.DateTimeField()
    sentence = serializers.CharField(source="sentence.text")
    learners = serializers.IntegerField(source="sentence.learners")
    in_need = serializers.IntegerField(source="sentence.in_need", help_text="Of these learners.")
    figures = DashboardFigureSerializer(many=True)
    active_seconds_by_day = SecondsBarSerializer(many=True, source="days")
    losing = DropoutSerializer(
        many=True,
        source="dropouts",
        help_text="The contents that the most learners left after beginning them.",
    )
    courses = CourseRowSerializer(many=True)


class OverviewView(OwnZone, views.APIView):
    """How things go in the courses whose learners one may look at."""

    @extend_schema(parameters=FILTER_PARAMETERS, responses=OverviewSerializer)
    def get(self, request):
        filters, now = filters_of(request, seen_by(request.user)), timezone.now()
        with on_replica():
            shown = overview.overview(filters, request.user, now)
        return Response(OverviewSerializer(shown).data)


class ActiveSerializer(serializers.Serializer):
    active = serializers.IntegerField(help_text="Learners active within two minutes.")
    as_of = serializers.DateTimeField()


class ActiveView(OwnZone, views.APIView):
    """How many learn right now."""

    @extend_schema(parameters=FILTER_PARAMETERS[:3], responses=ActiveSerializer)
    def get(self, request):
        courses, now = seen_by(request.user), timezone.now()
        filters = filters_of(request, courses, allowed=AS_OF_NOW)
        payload = {"active": activity.active_now(filters, now), "as_of": now}
        return Response(ActiveSerializer(payload).data)
