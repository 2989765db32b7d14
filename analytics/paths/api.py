"""Learners' paths: what is left, in which order and why, and what is waived."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from analytics.query.api_request import AN_ID, PAGING_NAMES, refuse_unknown
from progress.api.described import serializer_of
from progress.api.filtering import MAX_ID
from progress.api.permissions import MayHaveRows
from progress.models import Enrollment
from progress.state.course_state import course_states
from progress.state.waivers import waiver_payloads_of_all
from progress.validation.unknown_fields import RefusesUnknownFields

from . import order_choice
from .payloads import COURSE, PATH, PathPayload, path_payload
from .queries import paths_of

PathSerializer = serializer_of(PathPayload)


class PathQuerySerializer(serializers.Serializer):
    user_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)


class ChoiceSerializer(RefusesUnknownFields, serializers.Serializer):
    enrollment_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    order = serializers.ChoiceField([PATH, COURSE])


class PathViewSet(viewsets.GenericViewSet):
    """A learner's paths through incomplete courses: your own, or those of your learners."""

    serializer_class = PathSerializer
    permission_classes = [IsAuthenticated, MayHaveRows]
    list_permissions = ("progress.view_enrollment",)
    queryset = Enrollment.objects.none()
    filter_backends: list = []

    @extend_schema(
        parameters=[
            OpenApiParameter("user_id", AN_ID, description="The learner; by default yourself."),
            OpenApiParameter("course_id", AN_ID),
        ],
        responses=PathSerializer(many=True),
    )
    def list(self, request):
        refuse_unknown(request, {*PathQuerySerializer().fields, *PAGING_NAMES})
        query = PathQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user_id = query.validated_data.get("user_id", request.user.pk)
        enrollments = (
            Enrollment.objects.active()
            .own_or_taught(request.user)
            .filter(user=user_id, course__retired_at=None)
            .with_progress("course")
            .order_by("pk")
        )
        if "course_id" in query.validated_data:
            enrollments = enrollments.filter(course=query.validated_data["course_id"])
        states = course_states(list(enrollments), timezone.now())
        if not states and user_id != request.user.pk:
            raise NotFound("There is no such learner.")
        if not states and "course_id" in query.validated_data:
            raise NotFound("There is no such course.")
        left = [state for state in states if not state.is_complete]
        page = self.paginate_queryset(left)
        pairs = zip(paths_of(page), waiver_payloads_of_all(page), strict=True)
        payload = [path_payload(path, waivers) for path, waivers in pairs]
        return self.get_paginated_response(PathSerializer(payload, many=True).data)

    @extend_schema(request=ChoiceSerializer, responses={204: OpenApiResponse(description="Done.")})
    @action(detail=False, methods=["post"])
    def choose(self, request):
        """Choose the order to follow in a course that offers a path."""
        choice = ChoiceSerializer(data=request.data)
        choice.is_valid(raise_exception=True)
        enrollment = choice.validated_data["enrollment_id"]
        try:
            if choice.validated_data["order"] == COURSE:
                order_choice.follow_course(request.user, enrollment, now=timezone.now())
            else:
                order_choice.follow_path(request.user, enrollment)
        except order_choice.NoSuchPath:
            raise NotFound("You have no such path.") from None
        return Response(status=status.HTTP_204_NO_CONTENT)
