"""Imports of CSV files for programs: checked and written just as in the admin."""

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
from progress.security import keys
from progress.validation.unknown_fields import RefusesUnknownFields, refuse_unknown_fields

from .errors import PayloadTooLarge
from .filtering import refuse_unknown

MAX_BYTES = 16 * 1024 * 1024


class CSVParser(BaseParser):
    """`text/csv`: the body is the file. Raises PayloadTooLarge."""

    media_type = "text/csv"

    def parse(self, stream, media_type=None, parser_context=None):
        return {"file": stream}


class ImportOptionsSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField(default=False)
    partial = serializers.BooleanField(default=False)
    invite = serializers.BooleanField(default=False)


class ProblemSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text="Counted as in a spreadsheet: the header is row 1.")
    column = serializers.CharField(help_text="Empty when the problem concerns the whole row.")
    value = serializers.CharField()
    wanted = serializers.CharField(help_text="What is expected.")


class OutcomeSerializer(serializers.Serializer):
    """The result of an import: how many rows' people, enrolments, … are new, changed, …"""

    is_written = serializers.BooleanField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    problems = ProblemSerializer(many=True)


class FileSerializer(RefusesUnknownFields, serializers.Serializer):
    file = serializers.FileField()


class ImportView(APIView):
    """Import a CSV file of people, enrolments, courses or outside completions.

    Within the caller's permissions.
    """

    permission_classes = [IsAuthenticated]
    parser_classes = [MultiPartParser, CSVParser]

    @extend_schema(
        operation_id="imports_create",
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=sorted(KINDS)),
            OpenApiParameter(
                "dry_run", OpenApiTypes.BOOL, description="Check only; write nothing."
            ),
            OpenApiParameter(
                "partial",
                OpenApiTypes.BOOL,
                description="Write the valid rows of a file with errors.",
            ),
            OpenApiParameter(
                "invite",
                OpenApiTypes.BOOL,
                description="Email new people a link to set a password.",
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
        refuse_unknown(request, ImportOptionsSerializer().fields)
        refuse_unknown_fields(request, {"file"})
        serializer = ImportOptionsSerializer(data=request.query_params)
        serializer.is_valid(raise_exception=True)
        options = serializer.validated_data
        try:
            outcome = run(
                KINDS[kind],
                _file_content(request),
                by=request.user,
                now=timezone.now(),
                is_dry=options["dry_run"],
                is_partial=options["partial"],
                invites=options["invite"],
                key=keys.name_of(request.auth),
            )
        except Unreadable as error:
            raise ValidationError({"file": str(error)}) from None
        if not options["dry_run"] and not outcome.is_written:
            raise ValidationError(_errors_by_cell(outcome))
        return Response(OutcomeSerializer(outcome).data)


def _file_content(request) -> bytes:
    file = request.data.get("file")
    if not hasattr(file, "read"):
        raise ValidationError({"file": "A CSV file is needed."})
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise PayloadTooLarge(f"The file may have at most {MAX_BYTES} bytes.")
    return content


def _errors_by_cell(outcome: Outcome) -> dict:
    """Returns `{"3": {"email": ["an address such as …"]}}`, in the shape of other errors."""
    errors: dict[str, dict[str, list[str]]] = {}
    for problem in outcome.problems:
        cells = errors.setdefault(str(problem.row), {})
        cells.setdefault(problem.column or "row", []).append(problem.wanted)
    return {"rows": errors}
