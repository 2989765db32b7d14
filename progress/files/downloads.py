"""Lists as CSV, in constant memory however long they are."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal
from itertools import chain

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from progress.operations.replica import on_replica

CHUNK = 2000
# How a spreadsheet knows a formula: names come from people. Some programs read the full-width
# forms of these signs alike, and pass over what is blank before them.
_FORMULA = ("=", "+", "-", "@", "\N{MINUS SIGN}")
_CONTROL = ("\t", "\r", "\n")


class _Echo:
    def write(self, line: str) -> str:
        return line


def answer(name: str, content_type: str, parts: Iterable[bytes]) -> StreamingHttpResponse:
    """A download of `name`, written while it is read."""
    told = StreamingHttpResponse(as_asked(parts), content_type=content_type)
    told["Content-Disposition"] = f'attachment; filename="{name}"'
    return told


def as_asked(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same parts, each made in the time zone and the language of this call.

    A download is read after its request has ended, when the server's own are in force again.
    """
    return _made_in(timezone.get_current_timezone(), translation.get_language(), iter(parts))


def _made_in(zone: tzinfo, language: str | None, parts: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with timezone.override(zone), translation.override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence]
) -> StreamingHttpResponse:
    return answer(name, "text/csv; charset=utf-8", csv_lines(header, rows))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence]) -> Iterator[bytes]:
    """UTF-8, with the mark that spreadsheets need."""
    writer = csv.writer(_Echo())
    yield "\ufeff".encode()
    for row in chain([header], rows):
        yield writer.writerow([guarded(cell) for cell in row]).encode()


def guarded(cell: object) -> str:
    """A cell's text, which no spreadsheet takes for a formula. A number below 0 is none."""
    text = "" if cell is None else str(cell)
    is_number = isinstance(cell, int | float | Decimal)
    return f"'{text}" if not is_number and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    if text.startswith(_CONTROL):
        return True
    begin = next((sign for sign in text if sign.isprintable() and not sign.isspace()), "")
    return unicodedata.normalize("NFKC", begin).startswith(_FORMULA)


def in_chunks(rows: QuerySet, *, chunk: int = CHUNK) -> Iterator:
    """The rows by key, newest first, in statements of `chunk` rows: no cursor is held open
    meanwhile, which a pooled connection couldn't."""
    rows = rows.order_by("-pk")
    last = None
    while True:
        part = list((rows if last is None else rows.filter(pk__lt=last))[:chunk])
        yield from part
        if len(part) < chunk:
            return
        last = part[-1].pk


def tuples_in_chunks(rows: QuerySet, *, chunk: int = CHUNK) -> Iterator[tuple]:
    """The same for `values_list` whose first column is the key, in the order of keys.

    Each statement asks the replica, where there is one.
    """
    rows = rows.order_by("pk")
    last = None
    while True:
        with on_replica():
            part = list((rows if last is None else rows.filter(pk__gt=last))[:chunk])
        yield from part
        if len(part) < chunk:
            return
        last = part[-1][0]
