"""Courses: read by those who learn or teach in them, written as one document."""

import django_filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from progress.api.filtering import KnownParameters
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.parsers import TolerantJSONParser
from progress.api.permissions import MayHaveRows
from progress.catalogue import CourseDocument, course_document, replace_course
from progress.models import Course
from progress.security import rights


class CourseSummary(serializers.ModelSerializer):
    """A course in a list; its modules are in the course's own answer."""

    class Meta:
        model = Course
        fields = [
            "id",
            "code",
            "title",
            "description",
            "plausibility",
            "structure_version",
            "is_test",
        ]


class CourseFilter(django_filters.FilterSet):
    title = django_filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Course
        fields = ["code", "title", "plausibility", "is_test"]


class CourseViewSet(
    KnownParameters, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """List, create, retrieve, replace. What a learner reads never reveals the correct choices."""

    serializer_class = CourseDocument
    parser_classes = [TolerantJSONParser]
    filterset_class = CourseFilter
    pagination_class = FollowedPages
    followed = Followed(
        ("progress_course",),
        sees_all=lambda user: user.sees_all("progress.view_course"),
        withdrawn=lambda user: Course.objects.exclude(retired_at=None).visible_to(user),
    )
    ordering_fields = ["id", "code", "title"]
    lookup_value_regex = "[0-9]{1,18}"
    permission_classes = [IsAuthenticated, MayHaveRows]
    list_permissions = ("progress.view_course",)
    edit_permissions = ("progress.add_course", "progress.change_course")
    queryset = Course.objects.none()

    def get_queryset(self):
        return Course.objects.active().visible_to(self.request.user)

    def get_serializer_class(self):
        return CourseSummary if self.action == "list" else CourseDocument

    @extend_schema(responses=CourseDocument)
    def retrieve(self, request, *args, **kwargs):
        """The whole course, with the ids of all its items."""
        course = self.get_object()
        return Response(
            course_document(course, is_author=rights.may_write_course(request.user, course))
        )

    @extend_schema(
        request=CourseDocument,
        responses={
            201: CourseDocument,
            200: OpenApiResponse(CourseDocument, "The code exists already: the course is updated."),
        },
    )
    def create(self, request):
        """Create a course, or replace the one that has this `code`."""
        code = request.data.get("code")
        existing = Course.objects.filter(code=code).first() if isinstance(code, str) else None
        self._check_may_write(existing)
        return self._replace(request, existing)

    @extend_schema(request=CourseDocument, responses=CourseDocument)
    def update(self, request, *args, **kwargs):
        """Replace a course; what the document leaves out is retired."""
        course = self.get_object()
        self._check_may_write(course)
        return self._replace(request, course)

    def _replace(self, request, existing: Course | None):
        course = replace_course(request.data, course=existing, by=request.user)
        return Response(
            course_document(course, is_author=True),
            status.HTTP_201_CREATED if course.was_created else status.HTTP_200_OK,
        )

    def _check_may_write(self, course: Course | None) -> None:
        if course is None:
            allowed = self.request.user.has_perm("progress.add_course")
        else:
            allowed = rights.may_write_course(self.request.user, course)
        if not allowed:
            raise PermissionDenied
