"""Enrolments: who learns what, until when."""

from collections.abc import Mapping
from datetime import datetime

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from progress.api import enrollment_rows
from progress.api.bulk import BulkResultSerializer, bulk_response, writes_by_name
from progress.api.filtering import KnownParameters, MomentFilter, VisibleIdFilter, WholeNumberFilter
from progress.api.following import Followed
from progress.api.moments import DayOrMoment
from progress.api.pagination import FollowedPages
from progress.api.permissions import MayHaveRows, ModelPermissions
from progress.ingest import enrolling
from progress.models import Course, Enrollment, User
from progress.security import rights
from progress.validation.unknown_fields import RefusesUnknownFields

VIEW_ENROLLMENTS = "progress.view_enrollment"


class EnrollableField(serializers.PrimaryKeyRelatedField):
    """The id of a row that the caller may enrol, or enrol into; any other is as if unknown."""

    def __init__(self, within, **kwargs):
        self._within = within
        super().__init__(**kwargs)

    def get_queryset(self):
        return self._within(self.context["request"].user)


class EnrollmentSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    user_id = EnrollableField(
        rights.enrollable_people, source="user", queryset=User.objects.all(), required=False
    )
    course_id = EnrollableField(
        rights.enrollable_courses,
        source="course",
        queryset=Course.objects.active(),
        required=False,
    )
    username = serializers.CharField(
        write_only=True, required=False, help_text="In place of `user_id`."
    )
    external_id = serializers.CharField(
        write_only=True, required=False, help_text="In place of `user_id`."
    )
    course_code = serializers.CharField(
        write_only=True, required=False, help_text="In place of `course_id`."
    )
    new_cycle = serializers.BooleanField(
        write_only=True, default=False, help_text="Begin a retake; the old cycle is kept."
    )
    due_at = DayOrMoment(
        required=False, allow_null=True, help_text="A day is due at its end, in the learner's zone."
    )
    is_complete = serializers.SerializerMethodField()
    completed_at = serializers.DateTimeField(
        source="course_progress.completed_at", read_only=True, allow_null=True
    )
    completion_percentage = serializers.FloatField(
        source="course_progress.completion_percentage", read_only=True
    )
    is_active = serializers.SerializerMethodField()

    class Meta:
        model = Enrollment
        fields = [
            "id",
            "user_id",
            "course_id",
            "cycle",
            "is_current",
            "is_active",
            "due_at",
            "enrolled_at",
            "is_complete",
            "completed_at",
            "completion_percentage",
            "new_cycle",
            "username",
            "external_id",
            "course_code",
        ]
        read_only_fields = ["cycle", "is_current", "enrolled_at"]
        validators = []  # enrolling a learner twice is no error: it finds the enrolment

    def to_internal_value(self, data):
        """With the ids of the learner and the course, however they are named."""
        if isinstance(data, Mapping) and self.instance is None:
            self._refuse_unknown(data)
            data = enrollment_rows.with_ids(data, self.context["request"].user)
        return super().to_internal_value(data)

    def get_is_complete(self, enrollment: Enrollment) -> bool:
        return enrollment.course_progress.completed_at is not None

    def get_is_active(self, enrollment: Enrollment) -> bool:
        return enrollment.is_current and enrollment.unenrolled_at is None


class DueSerializer(EnrollmentSerializer):
    """Changes `due_at`. The other fields of an answer may be sent back, and are ignored."""

    user_id = serializers.IntegerField(read_only=True)
    course_id = serializers.IntegerField(read_only=True)
    new_cycle = None
    username = external_id = course_code = None

    class Meta(EnrollmentSerializer.Meta):
        fields = [
            name
            for name in EnrollmentSerializer.Meta.fields
            if name not in {"new_cycle", "username", "external_id", "course_code"}
        ]


class EnrollmentFilter(django_filters.FilterSet):
    user_id = VisibleIdFilter(visible=rights.visible_people, permission=VIEW_ENROLLMENTS)
    course_id = VisibleIdFilter(visible=rights.known_courses, permission=VIEW_ENROLLMENTS)
    cycle = WholeNumberFilter()
    is_complete = django_filters.BooleanFilter(
        field_name="course_progress__completed_at", lookup_expr="isnull", exclude=True
    )
    due_at = MomentFilter()
    due_before = MomentFilter("due_at", "lt")
    due_after = MomentFilter("due_at", "gt")

    class Meta:
        model = Enrollment
        fields = ["is_current"]


class EnrollmentViewSet(
    KnownParameters, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """List, enrol, change the due date, unenrol."""

    serializer_class = EnrollmentSerializer
    permission_classes = [ModelPermissions, MayHaveRows]
    list_permissions = (VIEW_ENROLLMENTS,)
    edit_permissions = ("progress.change_enrollment",)
    filterset_class = EnrollmentFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("progress_enrollment", "progress_courseprogress"),
        sees_all=lambda user: user.sees_all(VIEW_ENROLLMENTS),
    )
    bulk_permissions = (
        "progress.add_enrollment",
        "progress.change_enrollment",
        "progress.delete_enrollment",
    )
    ordering_fields = ["id", "user_id", "course_id", "cycle", "due_at", "enrolled_at"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Enrollment.objects.none()

    def get_queryset(self):
        return Enrollment.objects.visible_to(self.request.user).with_progress()

    @extend_schema(
        request=EnrollmentSerializer,
        responses={
            201: EnrollmentSerializer,
            200: OpenApiResponse(EnrollmentSerializer, "Already enrolled."),
        },
    )
    def create(self, request):
        """Enrol a learner, also one who had been unenrolled.

        The caller must see the course and the learner: an instructor's own courses and their
        learners, or all by permission. To change an existing enrolment takes `change_enrollment`.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        due_at = enrolling.due_moment(values.get("due_at"), values["user"].time_zone)
        enrollment_rows.refuse_marks(values["user"], values["course"])
        self._check_may_enroll(values, due_at)
        enroll = enrolling.begin_new_cycle if values["new_cycle"] else enrolling.enroll
        enrolled = enroll(
            values["user"].pk,
            values["course"].pk,
            now=timezone.now(),
            due_at=due_at,
        )
        return Response(
            self.get_serializer(enrolled.enrollment).data,
            status.HTTP_201_CREATED if enrolled.is_new else status.HTTP_200_OK,
        )

    @extend_schema(
        request=enrollment_rows.EnrollmentBulkSerializer,
        responses={200: BulkResultSerializer},
        filters=False,
    )
    @writes_by_name
    def bulk(self, request):
        """Enrol, date, begin anew or unenrol up to 1,000 learners; each row has its own result."""
        return bulk_response(request, enrollment_rows.Enrolments)

    @extend_schema(request=DueSerializer, responses=EnrollmentSerializer)
    def partial_update(self, request, *args, **kwargs):
        """Change the due date."""
        enrollment = self._changeable()
        serializer = DueSerializer(enrollment, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if "due_at" in serializer.validated_data:
            due = serializer.validated_data["due_at"]
            enrolling.set_due(enrollment, enrolling.due_moment(due, enrollment.user.time_zone))
        return Response(self.get_serializer(enrollment).data)

    def destroy(self, request, *args, **kwargs):
        """Unenrol. Progress and evidence stay."""
        enrolling.unenroll(self._changeable(), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _check_may_enroll(self, values: dict, due_at: datetime | None) -> None:
        found = Enrollment.objects.current().filter(user=values["user"], course=values["course"])
        needed = rights.permission_to_enroll(found.first(), due_at, new_cycle=values["new_cycle"])
        if needed and not self.request.user.has_perm(needed):
            raise PermissionDenied

    def _changeable(self) -> Enrollment:
        """The enrolment in the URL. Raises PermissionDenied, for instance for the caller's own."""
        enrollment = self.get_object()
        if not rights.changeable_enrollments(self.request.user).filter(pk=enrollment.pk).exists():
            raise PermissionDenied
        return enrollment
