"""Recommendations with their reasons, and the skills that they go by."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from analytics.models import LearnerSkill
from analytics.query.api_request import AN_ID, PAGING_NAMES, refuse_unknown
from progress.api.filtering import MAX_ID, STRICT, WholeNumberFilter
from progress.models import Enrollment
from progress.state.course_state import readings_of
from progress.validation.unknown_fields import RefusesUnknownFields

from . import dismissals
from .payloads import told
from .queries import suggestions
from .suggesting import MIN_ANSWERS, PEERS, PREREQUISITE, REVIEW, WEAK


class RecommendationReasonSerializer(serializers.Serializer):
    code = serializers.ChoiceField([REVIEW, WEAK, PREREQUISITE, PEERS])
    skill = serializers.CharField(allow_null=True)
    weight = serializers.FloatField(help_text="From 0 to 1.")
    text = serializers.CharField(help_text="In the reader's language.")


class RecommendationSerializer(serializers.Serializer):
    enrollment_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()
    content_id = serializers.IntegerField()
    content_type = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField(help_text="Of the learner's page, on this site.")
    weight = serializers.FloatField(help_text="From 0 to 1; the list begins with the largest.")
    reasons = RecommendationReasonSerializer(many=True)


class OfWhomSerializer(serializers.Serializer):
    user_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)


class WhichSerializer(RefusesUnknownFields, serializers.Serializer):
    enrollment_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    content_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)


class RecommendationViewSet(viewsets.GenericViewSet):
    """What to learn next, and why: one's own; of own learners, within own courses; or anybody's."""

    serializer_class = RecommendationSerializer
    queryset = Enrollment.objects.none()
    filter_backends: list = []

    @extend_schema(
        parameters=[
            OpenApiParameter("user_id", AN_ID, description="Of whom; oneself by default."),
            OpenApiParameter("course_id", AN_ID, description="Only of this course."),
        ],
        responses=RecommendationSerializer(many=True),
    )
    def list(self, request):
        refuse_unknown(request, {*OfWhomSerializer().fields, *PAGING_NAMES})
        asked = OfWhomSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        user_id = asked.validated_data.get("user_id", request.user.pk)
        enrollments = list(
            Enrollment.objects.active()
            .visible_to(request.user)
            .filter(user=user_id, course__retired_at=None)
            .with_progress("course")
            .order_by("pk")
        )
        if not enrollments and user_id != request.user.pk:
            raise NotFound("There is no such learner.")
        readings = readings_of(enrollments, timezone.now())
        course_id = asked.validated_data.get("course_id")
        if course_id not in {None, *(each.course_id for each in enrollments)}:
            raise NotFound("There is no such course.")
        found = [told(each) for each in suggestions(readings)]
        page = self.paginate_queryset(
            [each for each in found if course_id in {None, each["course_id"]}]
        )
        return self.get_paginated_response(RecommendationSerializer(page, many=True).data)

    @extend_schema(request=WhichSerializer, responses={204: OpenApiResponse(description="Done.")})
    @action(detail=False, methods=["post"])
    def dismiss(self, request):
        """Recommend a content to oneself no more, in this cycle."""
        dismissals.dismiss(request.user, **_which(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=WhichSerializer, responses={204: OpenApiResponse(description="Done.")})
    @action(detail=False, methods=["post"])
    def restore(self, request):
        """Let what was dismissed be recommended to oneself again."""
        dismissals.restore(request.user, **_which(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def handle_exception(self, exc):
        if isinstance(exc, dismissals.NotTheirs):
            exc = NotFound("You have no such content.")
        return super().handle_exception(exc)


def _which(request) -> dict:
    told = WhichSerializer(data=request.data)
    told.is_valid(raise_exception=True)
    return told.validated_data


class LearnerSkillSerializer(serializers.ModelSerializer):
    is_known = serializers.SerializerMethodField(
        help_text="Whether there are enough answers to go by."
    )

    class Meta:
        model = LearnerSkill
        fields = [
            "user_id",
            "skill",
            "answers",
            "right",
            "mastery",
            "is_known",
            "reviewed_at",
            "due_at",
        ]

    def get_is_known(self, row: LearnerSkill) -> bool:
        return row.answers >= MIN_ANSWERS


class LearnerSkillFilter(django_filters.FilterSet):
    user_id = WholeNumberFilter()
    due_before = django_filters.IsoDateTimeFilter("due_at", "lte")

    class Meta:
        model = LearnerSkill
        fields = ["user_id", "skill"]


class LearnerSkillViewSet(viewsets.ReadOnlyModelViewSet):
    """How well skills are known by quiz answers, and when they are due for review."""

    serializer_class = LearnerSkillSerializer
    filter_backends = STRICT
    filterset_class = LearnerSkillFilter
    ordering_fields = ["user_id", "skill", "mastery", "due_at"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = LearnerSkill.objects.none()

    def get_queryset(self):
        return LearnerSkill.objects.visible_to(self.request.user)
