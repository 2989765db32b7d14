"""Uploads in parts, for integrators' servers: begin, send the parts, finish."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from authoring import checking, uploading
from authoring.models import Role, Upload
from authoring.storing import UploadRefused
from authoring.uploading import PART_BYTES
from progress.api.errors import PayloadTooLarge
from progress.api.filtering import KnownParameters
from progress.api.parsers import TolerantJSONParser
from progress.validation.unknown_fields import RefusesUnknownFields

from .files import MayAuthor, StoredFileSerializer, WritableCourseField
from .refusals import as_api_error

OFFSET = "Upload-Offset"


class UploadSerializer(RefusesUnknownFields, serializers.Serializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    course_id = WritableCourseField(source="course")
    name = serializers.CharField(max_length=1000, help_text="The file's name, as it is shown.")
    size = serializers.IntegerField(min_value=1, max_value=2**53, help_text="In bytes.")
    role = serializers.ChoiceField(Role.choices, default=Role.CONTENT)
    media = serializers.IntegerField(
        source="media_id",
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        default=None,
        help_text="The id of the video that captions, chapters or a poster belong to.",
    )
    language = serializers.CharField(
        max_length=35,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of captions, such as `en` or `pt-br`.",
    )
    received = serializers.IntegerField(
        read_only=True, help_text="How many bytes have arrived: the next part begins there."
    )
    part_bytes = serializers.SerializerMethodField(help_text="The most that a part may have.")

    def get_part_bytes(self, upload: Upload) -> int:
        return PART_BYTES


class PartParser(BaseParser):
    """A part of a file, as `application/octet-stream`. Raises PayloadTooLarge (413)."""

    media_type = "application/octet-stream"

    def parse(self, stream, media_type=None, parser_context=None):
        # One byte more shows that a part is too large, without reading the rest of it.
        part = stream.read(PART_BYTES + 1)
        if len(part) > PART_BYTES:
            raise PayloadTooLarge(f"A part may have at most {PART_BYTES} bytes.")
        return part


class UploadViewSet(KnownParameters, viewsets.GenericViewSet):
    """Upload a file into a course: begin, send the parts in order, finish.

    An upload that gets no part for seven days is given up.
    """

    queryset = Upload.objects.none()
    serializer_class = UploadSerializer
    permission_classes = [IsAuthenticated, MayAuthor]
    parser_classes = [TolerantJSONParser, PartParser]
    lookup_field = "public_id"
    lookup_url_kwarg = "upload"
    lookup_value_regex = "[0-9A-Fa-f-]{1,36}"
    pagination_class = None
    filter_backends = []

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        sent = request.content_type.partition(";")[0].strip().lower()
        if self.action == "update" and sent != PartParser.media_type:
            raise UnsupportedMediaType(sent)
        if self.action == "create" and sent == PartParser.media_type:
            raise UnsupportedMediaType(sent)

    def handle_exception(self, exc):
        return super().handle_exception(as_api_error(exc))

    def create(self, request):
        """Begin an upload. What can be refused by its size and role is refused here."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        try:
            begun = uploading.start(
                values["course"],
                request.user,
                name=values["name"],
                size=values["size"],
                role=values["role"],
                media=_media(values),
                language=values["language"],
            )
        except UploadRefused as refused:
            field = "size" if refused.field == "file" else refused.field
            raise ValidationError({field: refused.message}, "refused") from None
        return Response(self.get_serializer(begun).data, status.HTTP_201_CREATED)

    def retrieve(self, request, upload):
        """How much of an upload has arrived."""
        return Response(self.get_serializer(uploading.find(_id(upload), request.user)).data)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=UploadSerializer,
        parameters=[
            OpenApiParameter(
                OFFSET,
                {"type": "integer", "minimum": 0, "maximum": 2**53},
                OpenApiParameter.HEADER,
                required=True,
                description="Where the part begins: `received` of the answer before.",
            )
        ],
    )
    def update(self, request, upload):
        """Send the next part. 409 with `wrong_offset` says where to go on."""
        offset = request.headers.get(OFFSET, "")
        if not (offset.isascii() and offset.isdecimal() and len(offset) <= 18):
            raise ValidationError({OFFSET: "The header must be a whole number."}, "invalid")
        part = request.data if isinstance(request.data, bytes) else b""
        found = uploading.append(_id(upload), request.user, int(offset), part)
        return Response(self.get_serializer(found).data)

    @extend_schema(responses={204: None})
    def destroy(self, request, upload):
        """Give an upload up."""
        uploading.cancel(_id(upload), request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=None,
        responses={
            201: StoredFileSerializer,
            202: OpenApiResponse(
                StoredFileSerializer,
                "A large file: it is measured in the background, and its `state` says how far.",
            ),
        },
    )
    @action(detail=True, methods=["post"])
    def finish(self, request, upload):
        """Check, measure and store the file. A file that is refused is deleted with its upload."""
        stored = checking.finish(_id(upload), request.user, unpacks=False)
        answer = StoredFileSerializer(stored, context=self.get_serializer_context()).data
        waits = stored.is_expected
        return Response(answer, status.HTTP_202_ACCEPTED if waits else status.HTTP_201_CREATED)


def _media(values: dict):
    """The video that the upload belongs to. Raises ValidationError for none of the course."""
    if values["media_id"] is None:
        return None
    stored = uploading.media_file(values["course"], pk=values["media_id"])
    if stored is None:
        raise ValidationError({"media": "There is no such file in this course."}, "does_not_exist")
    return stored


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
