"""A course and a content for programs: the numbers on their pages."""

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query.api_request import (
    COURSE_FILTER_PARAMETERS,
    BarSerializer,
    DashboardFigureSerializer,
    filters_of,
)
from analytics.query.filters import AS_OF_NOW
from analytics.query.scope import content_for, seen_course
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica

from . import content, course
from .roster import RosterQuery


class FunnelStepSerializer(serializers.Serializer):
    """A content of the funnel, or a module, which has no `content_id`, `begun` and `left`."""

    content_id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    is_module = serializers.BooleanField()
    begun = serializers.IntegerField()
    begun_percent = serializers.IntegerField()
    done = serializers.IntegerField()
    done_percent = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Unfinished, and no event for two weeks.")


class GroupRowSerializer(serializers.Serializer):
    name = serializers.CharField()
    narrows = serializers.CharField(
        source="query", help_text="What asks for this group only: `department=Care`."
    )
    learners = serializers.IntegerField()
    done_percent = serializers.IntegerField()
    soon_percent = serializers.IntegerField(
        allow_null=True, help_text="Of those four weeks in, who completed within four weeks."
    )
    mean_percent = serializers.IntegerField()
    median_seconds = serializers.FloatField(
        source="seconds", allow_null=True, help_text="Over those who began; null of fewer than 5."
    )


class GroupsSerializer(serializers.Serializer):
    title = serializers.CharField()
    lines = GroupRowSerializer(many=True, source="rows")
    hidden = serializers.IntegerField(help_text="Learners in groups that are too small.")


class PreTestSerializer(serializers.Serializer):
    title = serializers.CharField()
    spares = serializers.ListField(child=serializers.CharField())
    taken = serializers.IntegerField()
    passed_percent = serializers.IntegerField(allow_null=True)
    declined_percent = serializers.IntegerField(allow_null=True)


class AlternativeSerializer(serializers.Serializer):
    title = serializers.CharField()
    group = serializers.CharField()
    percent = serializers.IntegerField(allow_null=True)


class CoursePathsSerializer(serializers.Serializer):
    """What pre-tests spare and which alternatives are taken."""

    tests = PreTestSerializer(many=True)
    choices = AlternativeSerializer(many=True)


class CourseInsightSerializer(serializers.Serializer):
    """Its learners one by one are the report `learners`, its skills the report `skills`."""

    course_id = serializers.IntegerField(source="course.pk")
    title = serializers.CharField(source="course.title")
    as_of = serializers.DateTimeField()
    sentence = serializers.CharField(source="sentence.text")
    figures = DashboardFigureSerializer(many=True)
    distribution = BarSerializer(many=True, help_text="Learners by how far along they are.")
    weeks_to_complete = BarSerializer(
        many=True, source="to_complete", help_text="Null for fewer than five who completed."
    )
    funnel = FunnelStepSerializer(many=True)
    groups = GroupsSerializer(many=True, help_text="By department, and by month of enrolment.")
    paths = CoursePathsSerializer(allow_null=True)


class CourseInsightView(OwnZone, views.APIView):
    """How far a course's learners are, where they stop, and how groups compare."""

    @extend_schema(
        operation_id="analytics_courses_retrieve",
        parameters=COURSE_FILTER_PARAMETERS[:2],
        responses=CourseInsightSerializer,
    )
    def get(self, request, course_id: int):
        found, seen = seen_course(request.user, course_id)
        filters, now = (
            filters_of(request, seen, has_course=False, allowed=AS_OF_NOW),
            timezone.now(),
        )
        with on_replica():
            shown = course.insight(found, filters, RosterQuery.of(QueryDict(), request.user), now)
        return Response(CourseInsightSerializer(shown).data)


# --- A content -----------------------------------------------------------------------------------
class ItemSerializer(serializers.Serializer):
    """A question; null is hidden for fewer than five learners, or can't be computed."""

    code = serializers.CharField()
    text = serializers.CharField()
    learners = serializers.IntegerField()
    right_percent = serializers.IntegerField(allow_null=True, help_text="On the first try.")
    discrimination = serializers.FloatField(allow_null=True, help_text="−1 to 1.")
    median_seconds = serializers.IntegerField(allow_null=True)
    verdict = serializers.CharField()


class ContentInsightSerializer(serializers.Serializer):
    """Second by second is its `curve`."""

    content_id = serializers.IntegerField(source="content.pk")
    course_id = serializers.IntegerField(source="content.module.course_id")
    title = serializers.CharField(source="content.title")
    as_of = serializers.DateTimeField()
    sentence = serializers.CharField()
    figures = DashboardFigureSerializer(many=True)
    words = serializers.ListField(child=serializers.CharField(), help_text="What stands out.")
    questions = ItemSerializer(many=True, help_text="Of a quiz.")


class ContentInsightView(OwnZone, views.APIView):
    """Who begins and finishes a content, what stands out in it, and how a quiz's questions work."""

    @extend_schema(parameters=COURSE_FILTER_PARAMETERS, responses=ContentInsightSerializer)
    def get(self, request, content_id: int):
        found, now = content_for(request.user, content_id), timezone.now()
        own = found.module.course
        filters = filters_of(request, {own.pk: own.title}, has_course=False)
        with on_replica():
            shown = content.insight(found, filters, now)
        return Response(ContentInsightSerializer(shown).data)
