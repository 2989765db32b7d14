"""A list of the admin as a file: what it is filtered to, in constant memory however long it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone

from progress.files import downloads, spreadsheet
from progress.files.spreadsheet import Style

ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Stored units are whole numbers; people and spreadsheets read percentages and seconds.
UNITS = {"_bp": ("_percent", 100), "_ms": ("_seconds", 1000)}


@dataclass(frozen=True, slots=True)
class Column:
    """`lookup` leads to the value, `key` is the head; what is stored is divided by `divisor`."""

    lookup: str
    key: str
    divisor: int = 1

    def told(self, value, zone: ZoneInfo):
        if isinstance(value, datetime):
            return timezone.localtime(value, zone)
        if value is not None and self.divisor > 1:
            return value / self.divisor
        return ", ".join(map(str, value)) if isinstance(value, list) else value


def column(lookup: str) -> Column:
    """`course_code` of `course__code`, and `completion_percent` of `completion_bp`."""
    key = lookup.replace(LOOKUP_SEP, "_")
    for ending, (unit, divisor) in UNITS.items():
        if lookup.endswith(ending):
            return Column(lookup, key.removesuffix(ending) + unit, divisor)
    return Column(lookup, key)


class Downloadable:
    """`downloads` are the lookups whose values a file has, beside the row's id; none: no file.

    Rows whose key is a secret leave it out (`tells_key`).
    """

    downloads: tuple[str, ...] = ()
    tells_key = True
    list_after_template = "admin/progress/downloads.html"

    def get_urls(self):
        if not self.downloads:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_download"
        view = self.admin_site.admin_view(self.download)
        return [path("download/<slug:ending>/", view, name=name), *super().get_urls()]

    def download(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """Every row of the list as it is filtered and searched, in the order of ids."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if ending not in ENDINGS:
            raise Http404("No such file")
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            raise Http404("No such rows") from None
        columns = [Column("pk", "id"), *(column(each) for each in self.downloads)]
        title = str(self.opts.verbose_name_plural)
        zone = ZoneInfo(request.user.time_zone)
        told = _told(rows, columns, zone)
        if not self.tells_key:
            columns, told = columns[1:], (row[1:] for row in told)
        parts = _csv(columns, told) if ending == "csv" else _xlsx(title, columns, told)
        day = timezone.localdate(timezone=zone)
        name = f"{self.opts.model_name}-{day:%Y-%m-%d}.{ending}"
        return downloads.answer(name, ENDINGS[ending], parts)


def _told(rows: models.QuerySet, columns: list[Column], zone: ZoneInfo) -> Iterator[list]:
    found = downloads.tuples_in_chunks(rows.values_list(*(each.lookup for each in columns)))
    for row in found:
        yield [each.told(value, zone) for each, value in zip(columns, row, strict=True)]


def _csv(columns: list[Column], rows: Iterator[list]) -> Iterator[bytes]:
    plain = (
        [v.isoformat(timespec="seconds") if isinstance(v, datetime) else v for v in row]
        for row in rows
    )
    return downloads.csv_lines([each.key for each in columns], plain)


def _xlsx(title: str, columns: list[Column], rows: Iterator[list]) -> Iterator[bytes]:
    heads = [each.key for each in columns]
    return spreadsheet.xlsx(title, heads, [Style.PLAIN] * len(heads), rows)
