"""Engagement for the API: scores, the week, and which habits go along with success."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, views
from rest_framework.response import Response

from analytics.query.api_request import FILTER_PARAMETERS, PAGING, PAGING_NAMES
from analytics.query.minimum_sample import is_enough
from analytics.reporting.request import report_query
from progress.api.pagination import Pages
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica

from . import patterns, queries
from .ranking import improvements, ranked


class EngagementSerializer(serializers.Serializer):
    """A content's score, 0 to 100, and its parts in percent; null where one isn't known."""

    content_id = serializers.IntegerField(source="content.content_id")
    title = serializers.CharField(source="content.title")
    course_id = serializers.IntegerField(source="content.course_id")
    score = serializers.IntegerField()
    finish_percent = serializers.IntegerField(source="finish", allow_null=True)
    done_percent = serializers.IntegerField(source="seen", allow_null=True)
    attention_percent = serializers.IntegerField(source="attention", allow_null=True)
    begun = serializers.IntegerField(source="content.totals.begun")
    complete = serializers.IntegerField(source="content.totals.complete")
    left = serializers.IntegerField(source="content.totals.left")


class EngagementView(OwnZone, views.APIView):
    """Contents that at least five learners began, the most engaging first."""

    pagination_class = Pages

    @extend_schema(
        operation_id="analytics_engagement_list",
        parameters=[*FILTER_PARAMETERS, *PAGING],
        responses=EngagementSerializer(many=True),
    )
    def get(self, request):
        query = report_query(request, also=PAGING_NAMES)
        with on_replica():
            found = ranked(queries.content_engagement(query.filters, query.now))
        pages = self.pagination_class()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(EngagementSerializer(page, many=True).data)


class ImprovementSerializer(serializers.Serializer):
    """A content to improve, with reasons; `lost` is how many left × the share they will miss."""

    content_id = serializers.IntegerField(source="ranked.content.content_id")
    title = serializers.CharField(source="ranked.content.title")
    course_id = serializers.IntegerField(source="ranked.content.course_id")
    score = serializers.IntegerField(source="ranked.score")
    lost = serializers.FloatField()
    reasons = serializers.ListField(child=serializers.CharField())


class ImprovementsSerializer(serializers.Serializer):
    results = ImprovementSerializer(many=True)


class ImprovementsView(OwnZone, views.APIView):
    """What to improve first: where most of the learning is lost, the largest loss first."""

    @extend_schema(
        operation_id="analytics_improvements_retrieve",
        parameters=FILTER_PARAMETERS,
        responses=ImprovementsSerializer,
    )
    def get(self, request):
        query = report_query(request)
        with on_replica():
            found = improvements(queries.content_engagement(query.filters, query.now))
        return Response(ImprovementsSerializer({"results": found}).data)


class HeatmapSerializer(serializers.Serializer):
    """Active seconds by weekday (Monday first) and hour, in each learner's own zone."""

    learners = serializers.IntegerField()
    active_seconds = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=24, max_length=24),
        allow_null=True,
        min_length=7,
        max_length=7,
        help_text="Null for fewer than five learners.",
    )


class HeatmapView(OwnZone, views.APIView):
    """When in the week people learn."""

    @extend_schema(parameters=FILTER_PARAMETERS, responses=HeatmapSerializer)
    def get(self, request):
        with on_replica():
            week = queries.week(report_query(request).filters)
        cells = [[ms // 1000 for ms in hours] for hours in week.cells]
        shown = cells if is_enough(week.learners) else None
        return Response({"learners": week.learners, "active_seconds": shown})


class GroupSerializer(serializers.Serializer):
    """Shares are 0 to 1; `difference` is this group's share minus the others'."""

    key = serializers.CharField()
    learners = serializers.IntegerField()
    share = serializers.FloatField()
    interval = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    others = serializers.FloatField()
    difference = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    differs = serializers.BooleanField(help_text="Whether chance is an unlikely explanation.")


class PatternSerializer(serializers.Serializer):
    question = serializers.ChoiceField(choices=list(patterns.QUESTIONS))
    groups = GroupSerializer(many=True)
    hidden = serializers.IntegerField(help_text="Learners in groups of fewer than five.")


class PatternsSerializer(serializers.Serializer):
    enrollments = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=list(queries.OUTCOMES))
    patterns = PatternSerializer(many=True)


class OutcomeSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=list(queries.OUTCOMES), default=queries.COMPLETED)


class PatternsView(OwnZone, views.APIView):
    """When, how long and in which rhythm people learned, and how many of them succeeded.

    It compares groups of learners, and says nothing about causes.
    """

    @extend_schema(
        parameters=[
            *FILTER_PARAMETERS[:3],
            OpenApiParameter("outcome", OpenApiTypes.STR, enum=list(queries.OUTCOMES)),
        ],
        responses=PatternsSerializer,
    )
    def get(self, request):
        query = report_query(request, also=["outcome"])
        chosen = OutcomeSerializer(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        outcome = chosen.validated_data["outcome"]
        with on_replica():
            habits = queries.habits(query.filters, query.now, outcome)
        payload = {
            "enrollments": habits.total(),
            "outcome": outcome,
            "patterns": patterns.find_patterns(habits),
        }
        return Response(PatternsSerializer(payload).data)
