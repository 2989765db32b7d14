"""Learners' paths: what is left, in which order and why, and what is waived."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from analytics.query.api_request import AN_ID, PAGING_NAMES, refuse_unknown
from progress.api.filtering import MAX_ID
from progress.models import Enrollment, Waiver
from progress.state.course_state import course_states
from progress.state.waivers import waiver_payloads_of_all
from progress.validation.unknown_fields import RefusesUnknownFields

from . import order_choice, payloads
from .arranging import AGAIN, BEGUN, LATER, NEXT, PRE_TEST, READY, REMEDIAL, SKIPPED
from .queries import Path, paths_of

COURSE, PATH = "course", "path"


class NamedContentSerializer(serializers.Serializer):
    content_id = serializers.IntegerField()
    title = serializers.CharField()


class StepSerializer(serializers.Serializer):
    content_id = serializers.IntegerField()
    content_type = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField(help_text="Address of the learner's page on this site.")
    reason = serializers.ChoiceField(
        [NEXT, BEGUN, AGAIN, READY, LATER, PRE_TEST, REMEDIAL, SKIPPED]
    )
    text = serializers.CharField(help_text="The reason in the reader's language; may be empty.")
    skill = serializers.CharField(
        allow_null=True, help_text="The weak skill of a remedial, skipped or later step."
    )
    readiness = serializers.FloatField(
        allow_null=True, help_text="The lowest mastery of what it builds on, 0 to 1, if known."
    )
    minutes = serializers.FloatField(
        allow_null=True, help_text="Roughly how long a pre-test takes."
    )
    saves_minutes = serializers.FloatField(
        allow_null=True, help_text="Roughly how long the contents take that a pre-test waives."
    )
    chance = serializers.FloatField(
        allow_null=True, help_text="How likely the learner is to pass a pre-test, 0 to 1."
    )
    spares = NamedContentSerializer(many=True, help_text="What passing this pre-test waives.")
    or_instead = NamedContentSerializer(
        many=True, help_text="Alternatives, any of which is enough."
    )
    can_be_dismissed = serializers.BooleanField(
        help_text="Whether `/api/analytics/recommendations/dismiss/` accepts it."
    )


class PathWaiverSerializer(serializers.Serializer):
    content_id = serializers.IntegerField()
    title = serializers.CharField()
    reason = serializers.ChoiceField(Waiver.Reason.choices)
    because_content_id = serializers.IntegerField()
    because_title = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    granted_at = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField(help_text="The reason in the reader's language.")
    can_be_declined = serializers.BooleanField(
        help_text="Whether `/api/waivers/decline/` accepts it."
    )


class PathSerializer(serializers.Serializer):
    enrollment_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()
    is_adaptive = serializers.BooleanField(
        help_text="Whether the course offers each learner an order of their own."
    )
    order = serializers.ChoiceField(
        [PATH, COURSE], help_text="The learner's own order, or the course's."
    )
    steps = StepSerializer(many=True)
    offers = StepSerializer(
        many=True, help_text="Contents that may help, but aren't steps of the path."
    )
    waivers = PathWaiverSerializer(many=True)


class PathQuerySerializer(serializers.Serializer):
    user_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)


class ChoiceSerializer(RefusesUnknownFields, serializers.Serializer):
    enrollment_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    order = serializers.ChoiceField([PATH, COURSE])


class PathViewSet(viewsets.GenericViewSet):
    """A learner's paths through incomplete courses: your own, or those of your learners."""

    serializer_class = PathSerializer
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
            .visible_to(request.user)
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
        payload = [_path_payload(path, waivers) for path, waivers in pairs]
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


def _path_payload(path: Path, waivers: list[dict]) -> dict:
    enrollment = path.state.enrollment
    return {
        "enrollment_id": enrollment.pk,
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "course_title": enrollment.course.title,
        "is_adaptive": path.is_adaptive,
        "order": PATH if path.is_followed else COURSE,
        "steps": [payloads.step_payload(step, path) for step in path.steps],
        "offers": [payloads.offer_payload(step, path) for step in path.offers],
        "waivers": [payloads.waiver_payload(each) for each in waivers],
    }
