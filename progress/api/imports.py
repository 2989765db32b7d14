"""Imports by CSV, for programs: the same look and the same writing as in the admin."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from progress.importing import KINDS, Outcome, Unreadable, run
from progress.unknown_fields import RefusesUnknownFields, refuse_unknown_fields

from .errors import PayloadTooLarge
from .filtering import refuse_unknown

MOST_BYTES = 16 * 1024 * 1024


class CSVParser(BaseParser):
    """`text/csv`: the body is the file. Raises PayloadTooLarge."""

    media_type = "text/csv"

    def parse(self, stream, media_type=None, parser_context=None):
        return {"file": stream}


class AskedSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField(default=False)
    partial = serializers.BooleanField(default=False)
    invite = serializers.BooleanField(default=False)


class ProblemSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="As a spreadsheet counts: the header is row 1.")
    column = serializers.CharField(help_text="Empty when the whole row is meant.")
    value = serializers.CharField()
    wanted = serializers.CharField(help_text="What would be right.")


class OutcomeSerializer(serializers.Serializer):
    """What a file comes to: people, enrolments or courses by their standing."""

    is_written = serializers.BooleanField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    problems = ProblemSerializer(many=True)


class FileSerializer(RefusesUnknownFields, serializers.Serializer):
    file = serializers.FileField()


class ImportView(APIView):
    """Import a CSV file of people, enrolments or courses, as far as the caller may."""

    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser, CSVParser]

    @extend_schema(
        operation_id="imports_create",
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=sorted(KINDS)),
            OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="Look, and write nothing."),
            OpenApiParameter(
                "partial", OpenApiTypes.BOOL, description="Write the right rows of a wrong file."
            ),
            OpenApiParameter(
                "invite", OpenApiTypes.BOOL, description="Mail new people a link to a password."
            ),
        ],
        request={"multipart/form-data": FileSerializer, "text/csv": OpenApiTypes.BINARY},
        responses=OutcomeSerializer,
    )
    def post(self, request, kind):
        """A file that isn't whole writes nothing, unless `partial`: 400 with each wrong cell."""
        if kind not in KINDS:
            raise NotFound("There is no such import.")
        if not KINDS[kind].may_open(request.user):
            raise PermissionDenied
        refuse_unknown(request, AskedSerializer().fields)
        refuse_unknown_fields(request, {"file"})
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        try:
            outcome = run(
                KINDS[kind],
                _content(request),
                by=request.user,
                now=timezone.now(),
                is_dry=told["dry_run"],
                is_partial=told["partial"],
                invites=told["invite"],
            )
        except Unreadable as error:
            raise ValidationError({"file": str(error)}) from None
        if not told["dry_run"] and not outcome.is_written:
            raise ValidationError(_by_cell(outcome))
        return Response(OutcomeSerializer(outcome).data)


def _content(request) -> bytes:
    file = request.data.get("file")
    if not hasattr(file, "read"):
        raise ValidationError({"file": "A CSV file is needed."})
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PayloadTooLarge(f"The file may have at most {MOST_BYTES} bytes.")
    return content


def _by_cell(outcome: Outcome) -> dict:
    """`{"3": {"email": ["an address such as …"]}}`, as errors are told everywhere."""
    wrong: dict[str, dict[str, list[str]]] = {}
    for problem in outcome.problems:
        cells = wrong.setdefault(str(problem.row), {})
        cells.setdefault(problem.column or "row", []).append(problem.wanted)
    return {"rows": wrong}
