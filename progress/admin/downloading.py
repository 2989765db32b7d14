"""An admin list as a file: its filtered rows, in constant memory however many there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone

from progress.files import downloads, spreadsheet
from progress.files.spreadsheet import Style

from .list_filters import refused

ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Stored units are whole numbers; people and spreadsheets read percentages and seconds.
UNITS = {"_bp": ("_percent", 100), "_ms": ("_seconds", 1000)}


@dataclass(frozen=True, slots=True)
class DownloadColumn:
    """`lookup` leads to the value, `key` is its heading; stored units are divided by `divisor`."""

    lookup: str
    key: str
    divisor: int = 1

    def cell(self, value, zone: ZoneInfo):
        if isinstance(value, datetime):
            return timezone.localtime(value, zone)
        if value is not None and self.divisor > 1:
            return value / self.divisor
        return ", ".join(map(str, value)) if isinstance(value, list) else value


def download_column(lookup: str) -> DownloadColumn:
    """`course_code` of `course__code`, `completion_percent` of `completion_bp`, `b` of `a as b`."""
    lookup, _as, name = lookup.partition(" as ")
    if name:
        return DownloadColumn(lookup, name)
    key = lookup.replace(LOOKUP_SEP, "_")
    for ending, (unit, divisor) in UNITS.items():
        if lookup.endswith(ending):
            return DownloadColumn(lookup, key.removesuffix(ending) + unit, divisor)
    return DownloadColumn(lookup, key)


class Downloadable:
    """`downloads` are the lookups of a file's columns, after the row's id. Without any: no file.

    With `has_key_column = False` a file leaves out the rows' primary key, where that is a secret.
    """

    downloads: tuple[str, ...] = ()
    has_key_column = True
    list_after_template = "admin/progress/downloads.html"

    def get_urls(self):
        if not self.downloads:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_download"
        view = self.admin_site.admin_view(self.download)
        return [path("download/<slug:ending>/", view, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """All rows of the list as it is filtered and searched, ordered by id.

        With `end_line=true` a CSV ends with `#end,<rows>`.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        if ending not in ENDINGS:
            raise Http404("No such file")
        try:
            marks_end = ending == "csv" and take_end_line(request)
        except ValueError as error:
            return HttpResponseBadRequest(str(error), content_type="text/plain; charset=utf-8")
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return refused(request, self)
        columns = [DownloadColumn("pk", "id"), *(download_column(each) for each in self.downloads)]
        title = str(self.opts.verbose_name_plural)
        zone = ZoneInfo(request.user.time_zone)
        cells = _cells(rows, columns, zone)
        if not self.has_key_column:
            columns, cells = columns[1:], (row[1:] for row in cells)
        is_csv = ending == "csv"
        parts = _csv(columns, cells, marks_end) if is_csv else _xlsx(title, columns, cells)
        day = timezone.localdate(timezone=zone)
        name = f"{self.opts.model_name}-{day:%Y-%m-%d}.{ending}"
        return downloads.file_response(name, ENDINGS[ending], parts)


def _cells(rows: models.QuerySet, columns: list[DownloadColumn], zone: ZoneInfo) -> Iterator[list]:
    found = downloads.tuples_in_chunks(rows.values_list(*(each.lookup for each in columns)))
    for row in found:
        yield [each.cell(value, zone) for each, value in zip(columns, row, strict=True)]


def take_end_line(request: HttpRequest) -> bool:
    """Removes `end_line` from the request, as the list takes every parameter for a filter.

    Raises ValueError for an invalid value.
    """
    given = request.GET.copy()
    given.setlist(downloads.END_LINE, _end_lines(request))
    marks_end = downloads.marks_end(given)
    given.pop(downloads.END_LINE, None)
    request.GET = given
    return marks_end


def _end_lines(request: HttpRequest) -> list[str]:
    """The values in the address and, of an action, in its form."""
    return [
        *request.GET.getlist(downloads.END_LINE),
        *request.POST.getlist(downloads.END_LINE),
    ]


def _csv(columns: list[DownloadColumn], rows: Iterator[list], marks_end: bool) -> Iterator[bytes]:
    plain = (
        [v.isoformat(timespec="seconds") if isinstance(v, datetime) else v for v in row]
        for row in rows
    )
    return downloads.csv_lines([each.key for each in columns], plain, marks_end=marks_end)


def _xlsx(title: str, columns: list[DownloadColumn], rows: Iterator[list]) -> Iterator[bytes]:
    heads = [each.key for each in columns]
    return spreadsheet.xlsx(title, heads, [Style.PLAIN] * len(heads), rows)
