"""Reports for the API, as JSON and as files: the same tables as on the pages."""

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, NotFound, PermissionDenied

from analytics.models import SavedReport
from analytics.query.api_request import FILTER_PARAMETERS, PAGING, PAGING_NAMES, refuse_unknown
from analytics.query.filters import ExtraFilter
from analytics.reporting import registry, saving
from analytics.reporting.cells import plain
from analytics.reporting.files import FILES, answer, endings
from analytics.reporting.report import Days, Kind, Report, ReportQuery
from analytics.reporting.request import report_query
from progress.api.filtering import STRICT
from progress.api.following import Followed
from progress.api.pagination import FollowedPages
from progress.api.zone import OwnZone
from progress.operations.replica import on_replica
from progress.validation.unknown_fields import RefusesUnknownFields

from .reports import ALL


def _extra_filter_parameters() -> list[OpenApiParameter]:
    """The filters that only some reports have, and which reports those are."""
    found: dict[str, list[tuple[str, ExtraFilter]]] = {}
    for report in ALL:
        for name, extra_filter in report.extra_filters.items():
            found.setdefault(name, []).append((report.slug, extra_filter))
    return [
        OpenApiParameter(
            name,
            OpenApiTypes.INT if some[0][1].kind is int else OpenApiTypes.STR,
            description=" ".join(_choices_text(slug, extra_filter) for slug, extra_filter in some),
        )
        for name, some in sorted(found.items())
    ]


def _choices_text(slug: str, extra_filter: ExtraFilter) -> str:
    """`Of `alerts`: `open`, `closed`.`"""
    if extra_filter.choices is None:
        return f"Of `{slug}`: a user name."
    if callable(extra_filter.choices):
        return f"Of `{slug}`: a number."
    return f"Of `{slug}`: {', '.join(f'`{key}`' for key, _label in extra_filter.choices)}."


EXTRA_FILTER_PARAMETERS = _extra_filter_parameters()


class ColumnSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(
        source="kind.value", choices=[(kind.value, kind.value) for kind in Kind]
    )
    tells = serializers.CharField(
        source="help_text", help_text="What the column counts; may be empty."
    )


class ExtraFilterSerializer(serializers.Serializer):
    """A filter that only this report has; `choices` is empty where it is a number or a name."""

    name = serializers.CharField()
    title = serializers.CharField(source="label")
    choices = serializers.ListField(child=serializers.CharField())


class ReportSerializer(serializers.Serializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()
    description = serializers.CharField()
    columns = ColumnSerializer(many=True)
    filters = serializers.ListField(
        child=serializers.CharField(), help_text="The common filters that it accepts."
    )
    narrows = serializers.SerializerMethodField()

    @extend_schema_field(ExtraFilterSerializer(many=True))
    def get_narrows(self, report: Report) -> list:
        named = [
            {"name": name, "label": each.label, "choices": each.fixed_choices}
            for name, each in report.extra_filters.items()
        ]
        return ExtraFilterSerializer(named, many=True).data


class DownloadSerializer(serializers.Serializer):
    end_line = serializers.BooleanField(default=False)


class ReportRowsSerializer(serializers.Serializer):
    """One page of rows; each has the report's columns by their keys."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = serializers.ListField(child=serializers.DictField())
    as_of = serializers.DateTimeField()
    time_zone = serializers.CharField(help_text="The time zone of its days and times.")
    days = serializers.ChoiceField(
        choices=[(days.value, days.value) for days in Days],
        help_text="Whose zone days are counted in: `time_zone`, or each `learner`'s own.",
    )
    since = serializers.DateField(allow_null=True, help_text="The first day; null: as of now.")
    until = serializers.DateField(allow_null=True, help_text="The last day; null: as of now.")


class ReportViewSet(OwnZone, viewsets.GenericViewSet):
    """Reports that the reader may open, over the courses that they may look at."""

    serializer_class = ReportSerializer
    lookup_field = "slug"
    lookup_value_regex = "[a-z0-9-]{1,60}"
    filter_backends: list = []

    @extend_schema(responses=ReportSerializer(many=True))
    def list(self, request):
        refuse_unknown(request, PAGING_NAMES)
        found = registry.open_to(request.user)
        if not found:
            raise PermissionDenied
        page = self.paginate_queryset(found)
        return self.get_paginated_response(ReportSerializer(page, many=True).data)

    @extend_schema(
        parameters=[
            *FILTER_PARAMETERS,
            *EXTRA_FILTER_PARAMETERS,
            *PAGING,
        ],
        responses=ReportRowsSerializer,
    )
    def retrieve(self, request, slug):
        """A page of the report's rows, as of now."""
        report = self._report(slug)
        with report.in_its_zone(request.user), on_replica():
            query = report_query(self.request, report, also=PAGING_NAMES)
            rows = report.shown_rows(query, self.paginate_queryset(report.rows(query)))
            answer = self.get_paginated_response([_by_key(report, row) for row in rows])
            answer.data |= _moment_and_days(report, query)
        return answer

    @extend_schema(
        parameters=[
            *FILTER_PARAMETERS,
            *EXTRA_FILTER_PARAMETERS,
            OpenApiParameter("ending", OpenApiTypes.STR, OpenApiParameter.PATH, enum=sorted(FILES)),
            OpenApiParameter(
                "end_line", OpenApiTypes.BOOL, description="Of a CSV: end it with `#end,<rows>`."
            ),
        ],
        responses={
            (200, file.content_type.partition(";")[0]): OpenApiResponse(OpenApiTypes.BINARY)
            for file in FILES.values()
        },
    )
    @action(detail=True, url_path="download/(?P<ending>[a-z0-9]{1,10})")
    def download(self, request, slug, ending):
        """The whole report as a file, written while it is read.

        With `end_line=true` a CSV ends with `#end,<rows>`: without that line, the file broke off.
        """
        report = self._report(slug)
        if ending not in endings(report):
            raise NotFound("There is no such file.")
        with report.in_its_zone(request.user):
            query = report_query(self.request, report, also={"end_line"} if ending == "csv" else ())
            wish = DownloadSerializer(data=request.query_params)
            wish.is_valid(raise_exception=True)
            return answer(report, query, ending, marks_end=wish.validated_data["end_line"])

    def _report(self, slug: str) -> Report:
        """Raises PermissionDenied for one that the reader may not open."""
        report = registry.named(slug)
        if report is None:
            raise NotFound("There is no such report.")
        if not report.may_open(self.request.user):
            raise PermissionDenied
        return report


def _moment_and_days(report: Report, query: ReportQuery) -> dict:
    """When the rows were read, the days they cover, and the report's time zone."""
    period = query.filters.period
    return {
        "as_of": timezone.localtime(query.now),
        "time_zone": timezone.get_current_timezone_name(),
        "days": report.days.value,
        "since": period.since if "since" in report.filters else None,
        "until": period.until if "until" in report.filters else None,
    }


def _by_key(report: Report, row: tuple) -> dict:
    values = zip(report.columns, row, strict=True)
    return {column.key: plain(value, column.kind) for column, value in values}


class SavedReportSerializer(RefusesUnknownFields, serializers.ModelSerializer):
    """`query` holds its filters, as in an address: `course=3&since=2026-03-01`."""

    slug = serializers.SlugField(max_length=60)
    ending = serializers.ChoiceField(choices=[(each, each) for each in FILES], default="xlsx")
    is_own = serializers.SerializerMethodField()

    class Meta:
        model = SavedReport
        fields = [
            "id",
            "name",
            "slug",
            "query",
            "is_shared",
            "schedule",
            "ending",
            "is_own",
            "sent_on",
            "error",
        ]
        read_only_fields = ["sent_on", "error"]

    def get_is_own(self, saved: SavedReport) -> bool:
        return saved.owner_id == self.context["request"].user.pk

    def validate(self, attrs: dict) -> dict:
        report = registry.named(attrs["slug"])
        if report and attrs.get("ending", "xlsx") not in endings(report):
            raise serializers.ValidationError({"ending": "This report has no such file."})
        if report and "query" in attrs:
            self._check_query(report, QueryDict(attrs["query"]))
        return attrs

    def _check_query(self, report: Report, query: QueryDict) -> None:
        """Raises ValidationError for filters that the report would ignore in every mail."""
        # The number of the page that was shown isn't saved, as on the report's page.
        unknown = sorted(set(query) - {*report.filters, *report.extra_filters, "page"})
        if unknown:
            message = f"This report knows no {', '.join(unknown)}."
            detail = ErrorDetail(message, code="unknown_parameter")
            raise serializers.ValidationError({"query": detail})
        reader = self.context["request"].user
        with report.in_its_zone(reader):
            form = report.filters_from(query, report.courses_of(reader)).form
        if not form.is_valid():
            message = "; ".join(f"{name}: {' '.join(why)}" for name, why in form.errors.items())
            raise serializers.ValidationError({"query": message})

    def validate_slug(self, slug: str) -> str:
        if registry.find(slug, self.context["request"].user) is None:
            raise serializers.ValidationError("There is no such report.")
        return slug


class SavedReportViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet,
):
    """Reports that you have saved, and those that others share.

    Saving under a name that you have used before replaces that report.
    """

    serializer_class = SavedReportSerializer
    filter_backends = STRICT
    pagination_class = FollowedPages
    followed = Followed(("analytics_savedreport",), sees_all=lambda user: True)
    queryset = SavedReport.objects.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self):
        rows = SavedReport.objects.visible_to(self.request.user)
        open_ = [report.slug for report in registry.open_to(self.request.user)]
        if not open_:
            raise PermissionDenied
        rows = rows.filter(slug__in=open_)
        return rows.filter(owner=self.request.user) if self.action == "destroy" else rows

    def perform_create(self, serializer):
        serializer.instance = saving.save(
            self.request.user, saving.Draft(**serializer.validated_data)
        )
