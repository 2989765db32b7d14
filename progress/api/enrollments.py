"""Enrolments: who learns what, until when."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.response import Response

from progress import enrolling
from progress.api.permissions import ModelPermissions
from progress.models import Course, Enrollment, User


class EnrollmentSerializer(serializers.ModelSerializer):
    user_id = serializers.PrimaryKeyRelatedField(source="user", queryset=User.objects.all())
    course_id = serializers.PrimaryKeyRelatedField(
        source="course", queryset=Course.objects.active()
    )
    new_cycle = serializers.BooleanField(
        write_only=True, default=False, help_text="Begin a retake; the old cycle is kept."
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
        ]
        read_only_fields = ["cycle", "is_current", "enrolled_at"]
        validators = []  # enrolling somebody twice is no error: it finds the enrolment

    def get_is_complete(self, enrollment: Enrollment) -> bool:
        return enrollment.course_progress.completed_at is not None

    def get_is_active(self, enrollment: Enrollment) -> bool:
        return enrollment.is_current and enrollment.unenrolled_at is None


class DueSerializer(serializers.ModelSerializer):
    class Meta:
        model = Enrollment
        fields = ["due_at"]


class EnrollmentFilter(django_filters.FilterSet):
    user_id = django_filters.NumberFilter()
    course_id = django_filters.NumberFilter()
    is_complete = django_filters.BooleanFilter(
        field_name="course_progress__completed_at", lookup_expr="isnull", exclude=True
    )
    due_before = django_filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")

    class Meta:
        model = Enrollment
        fields = ["user_id", "course_id", "is_complete", "cycle", "is_current", "due_before"]


class EnrollmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """List, enrol, change the due date, unenrol."""

    serializer_class = EnrollmentSerializer
    permission_classes = [ModelPermissions]
    filterset_class = EnrollmentFilter
    ordering_fields = ["id", "user_id", "course_id", "cycle", "due_at", "enrolled_at"]
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Enrollment.objects.none()

    def get_queryset(self):
        return Enrollment.objects.visible_to(self.request.user).select_related("course_progress")

    @extend_schema(
        request=EnrollmentSerializer,
        responses={
            201: EnrollmentSerializer,
            200: OpenApiResponse(EnrollmentSerializer, "Already enrolled."),
        },
    )
    def create(self, request):
        """Enrol a learner; who had left is taken up again."""
        told = EnrollmentSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        asked = told.validated_data
        call = enrolling.begin_new_cycle if asked["new_cycle"] else enrolling.enroll
        done = call(
            asked["user"].pk,
            asked["course"].pk,
            now=timezone.now(),
            due_at=asked.get("due_at"),
        )
        return Response(
            self.get_serializer(done.enrollment).data,
            status.HTTP_201_CREATED if done.is_new else status.HTTP_200_OK,
        )

    @extend_schema(request=DueSerializer, responses=EnrollmentSerializer)
    def partial_update(self, request, *args, **kwargs):
        """Change the due date."""
        enrollment = self.get_object()
        told = DueSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        if "due_at" in told.validated_data:
            enrolling.set_due(enrollment, told.validated_data["due_at"])
        return Response(self.get_serializer(enrollment).data)

    def destroy(self, request, *args, **kwargs):
        """Unenrol. Progress and evidence stay."""
        enrolling.unenroll(self.get_object(), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
