"""A report as PDF: accessible (PDF/UA-1), with its filters and as of when."""

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from progress.files import typesetting

from .cells import in_words, is_numeric
from .report import Report, ReportQuery

HERE = Path(__file__).parent
MAX_ROWS = 2000  # about ninety pages; nobody reads more on paper


def pdf(report: Report, query: ReportQuery) -> bytes:
    """The first rows, and how many more there are."""
    with report.source():
        rows = report.rows(query)
        count = rows.count() if isinstance(rows, QuerySet) else len(rows)
        document = _document(report, query, list(report.shown_rows(query, rows[:MAX_ROWS])), count)
    return typesetting.compile_in_subprocess(
        HERE / "print.typ",
        document,
        pdf_standards=["ua-1"],
        timestamp=int(query.now.timestamp()),
    )


def _document(report: Report, query: ReportQuery, rows: list[tuple], count: int) -> dict:
    kept = [n for n, column in enumerate(report.columns) if not column.off_page]
    columns = [report.columns[n] for n in kept]
    left = count - len(rows)
    left_out = (
        ngettext(
            "%(count)s more row: it is in the signed archive (ZIP).",
            "%(count)s more rows: they are in the signed archive (ZIP).",
            left,
        )
        if report.is_signed
        else ngettext(
            "%(count)s more row: it is in the CSV and the spreadsheet.",
            "%(count)s more rows: they are in the CSV and the spreadsheet.",
            left,
        )
    )
    return {
        "title": str(report.title),
        "description": str(report.description),
        "issuer": settings.CERTIFICATE_ISSUER,
        "language": get_language() or "en",
        "narrowed": query.filters.form.summary,
        "as_of": _("As of %(at)s")
        % {"at": date_format(timezone.localtime(query.now), "j M Y, H:i")}
        + f" ({timezone.get_current_timezone_name()})",
        "zone": report.zone_in_words,
        "columns": [{"title": str(c.title), "is_numeric": is_numeric(c)} for c in columns],
        "rows": [[in_words(row[n], report.columns[n].kind) for n in kept] for row in rows],
        "left_out": left_out % {"count": left} if left else "",
        "meanings": [[str(c.title), str(c.help_text)] for c in columns if c.help_text],
    }
