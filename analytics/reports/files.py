"""A report as a file to keep."""

from collections.abc import Callable, Iterator

from django.http.response import HttpResponseBase
from django.utils import timezone

from progress.downloads import csv_answer

from .cells import plain
from .report import Asked, Report


def name(report: Report, asked: Asked, ending: str) -> str:
    """`learners-2026-03-05.csv`, by the day in the reader's zone."""
    return f"{report.slug}-{timezone.localdate(asked.now):%Y-%m-%d}.{ending}"


def csv(report: Report, asked: Asked) -> HttpResponseBase:
    rows = plain_rows(report, asked)
    return csv_answer(name(report, asked, "csv"), [c.key for c in report.columns], rows)


def plain_rows(report: Report, asked: Asked) -> Iterator[list]:
    """Moments are told in the zone of whoever asks now, however late they are read."""
    kinds = [column.kind for column in report.columns]
    zone = timezone.get_current_timezone()
    return (
        [plain(value, kind, zone) for value, kind in zip(row, kinds, strict=True)]
        for row in report.all(asked)
    )


# What a report can be downloaded as, by the ending.
FILES: dict[str, Callable[[Report, Asked], HttpResponseBase]] = {"csv": csv}
