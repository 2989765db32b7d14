"""A course's uploaded files, as those read them who may change the course."""

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.response import Response

from authoring import copying
from authoring.models import Kind, Role, State, StoredFile
from progress.api.filtering import KnownParameters, VisibleIdFilter
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.security import rights
from progress.validation.unknown_fields import RefusesUnknownFields

from .refusals import as_api_error

CHANGES_ALL = "progress.change_course"


class MayAuthor(BasePermission):
    """For those who can change a course at all: by permission, or because they teach one."""

    def has_permission(self, request, view):
        return request.user.sees_all(CHANGES_ALL) or request.user.courses_taught.exists()


@extend_schema_field({"type": "integer"})
class WritableCourseField(serializers.PrimaryKeyRelatedField):
    """The id of a course that the caller may change; any other is as if unknown."""

    def get_queryset(self):
        return rights.writable_courses(self.context["request"].user).active()


class StoredFileSerializer(serializers.ModelSerializer):
    address = serializers.CharField(
        read_only=True, help_text="What goes into the `url` of a content of this course."
    )
    duration_seconds = serializers.SerializerMethodField(help_text="Of a video or a recording.")
    problem = serializers.CharField(
        read_only=True,
        help_text="Why it was refused, or why the last try to measure it came to nothing.",
    )
    percent_checked = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="How far the measuring is; `null` once it is over. It is no change of the file.",
    )
    media = serializers.IntegerField(
        source="media_id",
        read_only=True,
        allow_null=True,
        help_text="The video that captions, chapters or a poster belong to.",
    )

    class Meta:
        model = StoredFile
        fields = [
            "id",
            "course_id",
            "role",
            "kind",
            "name",
            "state",
            "problem",
            "percent_checked",
            "address",
            "content_type",
            "size",
            "duration_seconds",
            "page_count",
            "words",
            "media",
            "language",
            "copied_from",
            "uploaded_at",
        ]
        read_only_fields = fields

    def get_duration_seconds(self, stored: StoredFile) -> float | None:
        return None if stored.duration_ms is None else stored.duration_ms / 1000


class CopySerializer(RefusesUnknownFields, serializers.Serializer):
    course_id = WritableCourseField(source="course")
    url = serializers.CharField(
        max_length=copying.MAX_URL, help_text="Of a PDF on another site, which is copied now."
    )


class StoredFileFilter(django_filters.FilterSet):
    course_id = VisibleIdFilter(visible=rights.writable_courses, permission=CHANGES_ALL)
    role = django_filters.ChoiceFilter(choices=Role.choices)
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    state = django_filters.ChoiceFilter(choices=State.choices)

    class Meta:
        model = StoredFile
        fields: list[str] = []


class StoredFileViewSet(
    KnownParameters, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet
):
    """The uploaded files of the courses that the caller may change, newest first; and copies of
    PDFs that are on other sites."""

    lookup_value_regex = "[0-9]{1,18}"

    queryset = StoredFile.objects.none()
    serializer_class = StoredFileSerializer
    filterset_class = StoredFileFilter
    permission_classes = [IsAuthenticated, MayAuthor]
    pagination_class = FollowedPages
    followed = Followed(
        ("authoring_storedfile",),
        sees_all=lambda user: user.sees_all(CHANGES_ALL),
        withdrawn=lambda user: StoredFile.objects.exclude(removed_at=None).writable_by(user),
    )

    def get_queryset(self):
        files = StoredFile.objects.current().writable_by(self.request.user)
        return files.select_related("upload")

    def handle_exception(self, exc):
        return super().handle_exception(as_api_error(exc))

    @extend_schema(request=CopySerializer, responses={201: StoredFileSerializer})
    def create(self, request):
        """Copy a PDF of another site into a course. One that was copied before and is the same
        there is returned as it is."""
        serializer = CopySerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        stored = copying.copy_pdf(values["course"], request.user, values["url"])
        return Response(self.get_serializer(stored).data, status.HTTP_201_CREATED)
