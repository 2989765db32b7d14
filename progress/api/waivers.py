"""Waivers: contents that a learner need not do, why, and the choice to do them nevertheless."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from progress.api.filtering import MAX_ID, KnownParameters, VisibleIdFilter, WholeNumberFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.permissions import MayHaveRows
from progress.ingest import declining
from progress.models import Enrollment, Waiver
from progress.security import rights
from progress.validation.unknown_fields import RefusesUnknownFields

VIEW_WAIVERS = "progress.view_contentprogress"


class AlreadyComplete(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "course_complete"
    default_detail = "The course is complete, and stays so. The content is open to learn."


class WaiverSerializer(serializers.ModelSerializer):
    course_id = serializers.IntegerField(source="enrollment.course_id", read_only=True)
    because_content_id = serializers.IntegerField(
        source="because_id",
        read_only=True,
        help_text="The pre-test that was passed, or the alternative that was completed.",
    )
    score = serializers.SerializerMethodField(help_text="The best score in the pre-test, percent.")

    class Meta:
        model = Waiver
        fields = [
            "id",
            "user_id",
            "enrollment_id",
            "course_id",
            "content_id",
            "reason",
            "because_content_id",
            "score",
            "granted_at",
            "declined_at",
        ]

    def get_score(self, waiver: Waiver) -> float | None:
        return None if waiver.score_bp is None else waiver.score_bp / 100


class WaiverFilter(django_filters.FilterSet):
    user_id = VisibleIdFilter(visible=rights.visible_people, permission=VIEW_WAIVERS)
    course_id = VisibleIdFilter(
        "enrollment__course_id", visible=rights.known_courses, permission=VIEW_WAIVERS
    )
    enrollment = WholeNumberFilter("enrollment_id")
    content = WholeNumberFilter("content_id")
    in_force = django_filters.BooleanFilter("declined_at", lookup_expr="isnull")

    class Meta:
        model = Waiver
        fields = ["reason"]


class WaivedContentSerializer(RefusesUnknownFields, serializers.Serializer):
    enrollment_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    content_id = serializers.IntegerField(min_value=1, max_value=MAX_ID)


class WaiverViewSet(KnownParameters, viewsets.ReadOnlyModelViewSet):
    """What counts as done because a pre-test was passed, or an alternative completed."""

    serializer_class = WaiverSerializer
    permission_classes = [IsAuthenticated, MayHaveRows]
    list_permissions = (VIEW_WAIVERS,)
    filterset_class = WaiverFilter
    pagination_class = FollowedPages
    followed = Followed(("progress_waiver",), sees_all=lambda user: user.sees_all(VIEW_WAIVERS))
    ordering_fields = ["id", "user_id", "content_id", "granted_at", "declined_at"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Waiver.objects.none()

    def get_queryset(self):
        return Waiver.objects.visible_to(self.request.user).select_related("enrollment")

    @extend_schema(
        request=WaivedContentSerializer,
        responses={
            204: OpenApiResponse(description="It counts again, and is to be learned."),
            409: OpenApiResponse(description="The course is complete."),
        },
    )
    @action(detail=False, methods=["post"])
    def decline(self, request):
        """Learn a waived content after all: it counts again."""
        try:
            declining.decline(*_enrollment_and_content(request), now=timezone.now())
        except declining.CourseComplete:
            raise AlreadyComplete from None
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=WaivedContentSerializer,
        responses={204: OpenApiResponse(description="It is waived again.")},
    )
    @action(detail=False, methods=["post"])
    def take_back(self, request):
        """Have a declined content waived again, by the same evidence."""
        declining.take_back(*_enrollment_and_content(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def handle_exception(self, exc):
        if isinstance(exc, declining.NoSuchWaiver):
            exc = NotFound("You have no such waiver.")
        return super().handle_exception(exc)


def _enrollment_and_content(request) -> tuple[Enrollment, int]:
    """The caller's own current enrolment, and the content's id."""
    serializer = WaivedContentSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    enrollment = (
        Enrollment.objects.active()
        .select_related("course")
        .filter(pk=serializer.validated_data["enrollment_id"], user=request.user.pk)
        .first()
    )
    if enrollment is None:
        raise declining.NoSuchWaiver
    return enrollment, serializer.validated_data["content_id"]
