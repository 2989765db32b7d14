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
from progress.state.course_state import readings_of
from progress.state.waivers import waivers_of_all
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
    url = serializers.CharField(help_text="Of the learner's page, on this site.")
    reason = serializers.ChoiceField(
        [NEXT, BEGUN, AGAIN, READY, LATER, PRE_TEST, REMEDIAL, SKIPPED]
    )
    text = serializers.CharField(help_text="The reason in the reader's language, or nothing.")
    skill = serializers.CharField(
        allow_null=True, help_text="Of a remedial, skipped or later step: the weak one."
    )
    readiness = serializers.FloatField(
        allow_null=True, help_text="The least mastery of what it builds on, 0 to 1, where known."
    )
    minutes = serializers.FloatField(
        allow_null=True, help_text="Of a pre-test: how long it takes, about."
    )
    saves_minutes = serializers.FloatField(
        allow_null=True, help_text="Of a pre-test: how long what it spares takes, about."
    )
    chance = serializers.FloatField(
        allow_null=True, help_text="Of a pre-test: how likely the learner passes it, 0 to 1."
    )
    spares = NamedContentSerializer(many=True, help_text="What passing this pre-test waives.")
    or_instead = NamedContentSerializer(many=True, help_text="Any of these would do.")
    can_be_dismissed = serializers.BooleanField(
        help_text="By `/api/analytics/recommendations/dismiss/`."
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
    can_be_declined = serializers.BooleanField(help_text="By `/api/waivers/decline/`.")


class PathSerializer(serializers.Serializer):
    enrollment_id = serializers.IntegerField()
    user_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()
    is_adaptive = serializers.BooleanField(help_text="Whether the course offers an own order.")
    order = serializers.ChoiceField(
        [PATH, COURSE], help_text="Whether the order suits the learner, or is the course's own."
    )
    steps = StepSerializer(many=True)
    offers = StepSerializer(many=True, help_text="What may help, and isn't a step of the path.")
    waivers = PathWaiverSerializer(many=True)


class AskedSerializer(serializers.Serializer):
    user_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)


class ChoiceSerializer(RefusesUnknownFields, serializers.Serializer):
    enrollment_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    order = serializers.ChoiceField([PATH, COURSE])


class PathViewSet(viewsets.GenericViewSet):
    """A learner's paths through courses that aren't complete: one's own; or of own learners."""

    serializer_class = PathSerializer
    queryset = Enrollment.objects.none()
    filter_backends: list = []

    @extend_schema(
        parameters=[
            OpenApiParameter("user_id", AN_ID, description="Of whom; oneself by default."),
            OpenApiParameter("course_id", AN_ID),
        ],
        responses=PathSerializer(many=True),
    )
    def list(self, request):
        refuse_unknown(request, {*AskedSerializer().fields, *PAGING_NAMES})
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        user_id = asked.validated_data.get("user_id", request.user.pk)
        enrollments = (
            Enrollment.objects.active()
            .visible_to(request.user)
            .filter(user=user_id, course__retired_at=None)
            .with_progress("course")
            .order_by("pk")
        )
        if "course_id" in asked.validated_data:
            enrollments = enrollments.filter(course=asked.validated_data["course_id"])
        readings = readings_of(list(enrollments), timezone.now())
        if not readings and user_id != request.user.pk:
            raise NotFound("There is no such learner.")
        if not readings and "course_id" in asked.validated_data:
            raise NotFound("There is no such course.")
        left = [reading for reading in readings if not reading.is_complete]
        page = self.paginate_queryset(left)
        told = zip(paths_of(page), waivers_of_all(page), strict=True)
        answer = [_told(path, waivers) for path, waivers in told]
        return self.get_paginated_response(PathSerializer(answer, many=True).data)

    @extend_schema(request=ChoiceSerializer, responses={204: OpenApiResponse(description="Done.")})
    @action(detail=False, methods=["post"])
    def choose(self, request):
        """Whose order one wants to follow in a course that offers a path."""
        told = ChoiceSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        enrollment = told.validated_data["enrollment_id"]
        try:
            if told.validated_data["order"] == COURSE:
                order_choice.follow_course(request.user, enrollment, now=timezone.now())
            else:
                order_choice.follow_path(request.user, enrollment)
        except order_choice.NotTheirs:
            raise NotFound("You have no such path.") from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def _told(path: Path, waivers: list[dict]) -> dict:
    enrollment = path.reading.enrollment
    return {
        "enrollment_id": enrollment.pk,
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "course_title": enrollment.course.title,
        "is_adaptive": path.is_adaptive,
        "order": PATH if path.is_followed else COURSE,
        "steps": [payloads.told(step, path) for step in path.steps],
        "offers": [payloads.offered(step, path) for step in path.offers],
        "waivers": [payloads.waived(each) for each in waivers],
    }
