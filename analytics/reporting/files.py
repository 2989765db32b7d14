"""A report as a file: CSV and a spreadsheet with all rows, a PDF with the first pages, and for
auditors a signed archive."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics import slots
from progress.files import downloads, spreadsheet
from progress.files.spreadsheet import PART_BYTES, Style
from progress.files.zip_stream import ZipBuffer

from . import printing
from .cells import plain
from .report import Kind, Report, ReportQuery

STYLES = {Kind.DAY: Style.DAY, Kind.MOMENT: Style.MOMENT, Kind.SECONDS: Style.DURATION}


@dataclass(frozen=True, slots=True)
class File:
    """`parts` yields the bytes, if possible while they are being read.

    Days and times are in the time zone in force while they are read; a download keeps it in force.
    """

    content_type: str
    parts: Callable[[Report, ReportQuery], Iterator[bytes]]


def name(report: Report, query: ReportQuery, ending: str) -> str:
    """`learners-2026-03-05.csv` by the day; `completions-2026-02-01-2026-02-28.csv` by the days
    asked for; `record-2026-02-28.pdf` by the day whose end it describes."""
    period, days = query.filters.period, [timezone.localdate(query.now)]
    if "since" in report.filters:
        days = [period.since, period.until]
    elif "until" in report.filters:
        days = [period.until]
    return f"{report.slug}-{'-'.join(day.isoformat() for day in days)}.{ending}"


def _csv(report: Report, query: ReportQuery, *, marks_end: bool = False) -> Iterator[bytes]:
    kinds = [column.kind for column in report.columns]
    rows = (
        [plain(value, kind) for value, kind in zip(row, kinds, strict=True)]
        for row in report.all(query)
    )
    header = [column.key for column in report.columns]
    return downloads.csv_lines(header, rows, marks_end=marks_end)


def _xlsx(report: Report, query: ReportQuery) -> Iterator[bytes]:
    rows = (
        [timezone.localtime(v) if isinstance(v, datetime) else v for v in row]
        for row in report.all(query)
    )
    return spreadsheet.xlsx(
        str(report.title),
        [str(column.title) for column in report.columns],
        [STYLES.get(column.kind, Style.PLAIN) for column in report.columns],
        rows,
        notes=_notes(report, query),
    )


def _notes(report: Report, query: ReportQuery) -> list[tuple[str, str]]:
    """What the cells of a spreadsheet can't say: which days, as of when, in which time zone."""
    at = timezone.localtime(query.now)
    return [
        (str(report.title), str(report.description)),
        (_("Filters"), query.filters.form.summary or _("None")),
        (_("As of"), f"{at:%Y-%m-%d %H:%M} ({timezone.get_current_timezone_name()})"),
        (_("Time zone"), report.zone_in_words),
        *(
            (str(column.title), str(column.help_text))
            for column in report.columns
            if column.help_text
        ),
    ]


def _pdf(report: Report, query: ReportQuery) -> Iterator[bytes]:
    made = printing.pdf(report, query)
    yield (slots.signed(made) if report.is_signed else None) or made


def _zip(report: Report, query: ReportQuery) -> Iterator[bytes]:
    """The CSV with the organisation's signature of it, compressed while it is being read."""
    out, digest = ZipBuffer(), hashlib.sha256()
    own = name(report, query, "csv")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
        with packed.open(own, "w", force_zip64=True) as file:
            for part in _csv(report, query):
                digest.update(part)
                file.write(part)
                if out.size >= PART_BYTES:
                    yield out.take()
        if signature := slots.signed_beside(digest.digest()):
            packed.writestr(f"{own}.p7s", signature)
            packed.writestr("README.txt", VERIFY.format(name=own))
    yield out.take()


VERIFY = """{name}.p7s is the organisation's signature (CMS, detached) of {name}. To check it,
with the authority's certificate in authority.pem:

openssl cms -verify -binary -inform DER -in {name}.p7s -content {name} \\
  -CAfile authority.pem -purpose any -out /dev/null
"""

# What a report can be downloaded as, by the ending.
FILES = {
    "csv": File("text/csv; charset=utf-8", _csv),
    "xlsx": File("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "pdf": File("application/pdf", _pdf),
    "zip": File("application/zip", _zip),
}


def endings(report: Report) -> list[str]:
    """The files this report can be downloaded as: an archive only if it is signed."""
    return [ending for ending in FILES if ending != "zip" or report.is_signed]


def answer(report: Report, query: ReportQuery, ending: str, *, marks_end: bool = False):
    """The download of a whole report. Raises KeyError for an ending that isn't in `FILES`.

    `marks_end` is for a CSV: it gets a last line `#end,<rows>`. Other files can't be read in part.
    """
    file = FILES[ending]
    parts = _csv(report, query, marks_end=True) if marks_end else file.parts(report, query)
    return downloads.file_response(name(report, query, ending), file.content_type, parts)
