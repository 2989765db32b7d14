"""Recommendations with their reasons, and the skills that they are based on."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.models import LearnerSkill
from analytics.query.api_request import AN_ID, PAGING_NAMES, refuse_unknown
from progress.api.described import serializer_of
from progress.api.filtering import MAX_ID, STRICT, MomentFilter, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import MayHaveRows
from progress.models import Enrollment
from progress.state.course_state import course_states
from progress.validation.unknown_fields import RefusesUnknownFields

from . import dismissals
from .payloads import RecommendationPayload, recommendation_payload
from .queries import suggestions
from .suggesting import MIN_ANSWERS

RecommendationSerializer = serializer_of(RecommendationPayload)


class RecommendationQuerySerializer(serializers.Serializer):
    user_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)


class DismissalSerializer(RefusesUnknownFields, serializers.Serializer):
    enrollment_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    content_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)


class RecommendationViewSet(viewsets.GenericViewSet):
    """What to learn next, and why: for yourself, or for learners of your courses."""

    serializer_class = RecommendationSerializer
    permission_classes = [IsAuthenticated, MayHaveRows]
    list_permissions = ("progress.view_enrollment",)
    queryset = Enrollment.objects.none()
    filter_backends: list = []

    @extend_schema(
        parameters=[
            OpenApiParameter("user_id", AN_ID, description="The learner; by default yourself."),
            OpenApiParameter("course_id", AN_ID, description="Only in this course."),
        ],
        responses=RecommendationSerializer(many=True),
    )
    def list(self, request):
        refuse_unknown(request, {*RecommendationQuerySerializer().fields, *PAGING_NAMES})
        query = RecommendationQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user_id = query.validated_data.get("user_id", request.user.pk)
        enrollments = list(
            Enrollment.objects.active()
            .own_or_taught(request.user)
            .filter(user=user_id, course__retired_at=None)
            .with_progress("course")
            .order_by("pk")
        )
        if not enrollments and user_id != request.user.pk:
            raise NotFound("There is no such learner.")
        states = course_states(enrollments, timezone.now())
        course_id = query.validated_data.get("course_id")
        if course_id not in {None, *(each.course_id for each in enrollments)}:
            raise NotFound("There is no such course.")
        found = [recommendation_payload(each) for each in suggestions(states)]
        page = self.paginate_queryset(
            [each for each in found if course_id in {None, each["course_id"]}]
        )
        return self.get_paginated_response(RecommendationSerializer(page, many=True).data)

    @extend_schema(
        request=DismissalSerializer, responses={204: OpenApiResponse(description="Done.")}
    )
    @action(detail=False, methods=["post"])
    def dismiss(self, request):
        """Stop recommending a content to yourself in this cycle."""
        dismissals.dismiss(request.user, **_dismissal(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=DismissalSerializer, responses={204: OpenApiResponse(description="Done.")}
    )
    @action(detail=False, methods=["post"])
    def restore(self, request):
        """Allow a dismissed content to be recommended to you again."""
        dismissals.restore(request.user, **_dismissal(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def handle_exception(self, exc):
        if isinstance(exc, dismissals.NoSuchContent):
            exc = NotFound("You have no such content.")
        return super().handle_exception(exc)


def _dismissal(request) -> dict:
    dismissal = DismissalSerializer(data=request.data)
    dismissal.is_valid(raise_exception=True)
    return dismissal.validated_data


class LearnerSkillSerializer(serializers.ModelSerializer):
    is_known = serializers.SerializerMethodField(
        help_text="Whether there are enough answers for an estimate."
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
    due_before = MomentFilter("due_at", "lte")

    class Meta:
        model = LearnerSkill
        fields = ["user_id", "skill"]


class LearnerSkillViewSet(viewsets.ReadOnlyModelViewSet):
    """How well skills are known, from quiz answers, and when they are due for review."""

    serializer_class = LearnerSkillSerializer
    filter_backends = STRICT
    filterset_class = LearnerSkillFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("analytics_learnerskill",),
        sees_all=lambda user: user.sees_all("progress.view_contentprogress"),
    )
    ordering_fields = ["user_id", "skill", "mastery", "due_at"]
    lookup_value_regex = "[0-9]{1,18}"
    permission_classes = [IsAuthenticated, MayHaveRows]
    list_permissions = ("progress.view_contentprogress",)
    queryset = LearnerSkill.objects.none()

    def get_queryset(self):
        return LearnerSkill.objects.visible_to(self.request.user)
