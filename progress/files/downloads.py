"""Downloads that are written while they are read, in constant memory: CSV, and any other parts."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal
from itertools import chain

from django.db.models import QuerySet
from django.http import QueryDict, StreamingHttpResponse
from django.utils import timezone, translation

from progress.operations.replica import on_replica

CHUNK = 2000
# How a cell's text begins that a spreadsheet takes for a formula. (Names come from people.) Some
# programs treat the full-width forms of these signs alike, and skip blanks before them.
_FORMULA = ("=", "+", "-", "@", "\N{MINUS SIGN}")
_CONTROL = ("\t", "\r", "\n")
# The parameter of a download's address that asks for a CSV's last line, and its values.
END_LINE = "end_line"
END_LINE_VALUES = {"true": True, "false": False}


class _Echo:
    def write(self, line: str) -> str:
        return line


def file_response(name: str, content_type: str, parts: Iterable[bytes]) -> StreamingHttpResponse:
    """A download of `name`, written while it is read."""
    response = StreamingHttpResponse(_in_this_locale(parts), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _in_this_locale(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same parts, each made in the time zone and the language of this call.

    A download is read after its request has ended, when the server's own are in force again.
    """
    return _in_locale(timezone.get_current_timezone(), translation.get_language(), iter(parts))


def _in_locale(zone: tzinfo, language: str | None, parts: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with timezone.override(zone), translation.override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence], *, marks_end: bool = False
) -> StreamingHttpResponse:
    parts = csv_lines(header, rows, marks_end=marks_end)
    return file_response(name, "text/csv; charset=utf-8", parts)


def csv_lines(
    header: Sequence[str], rows: Iterable[Sequence], *, marks_end: bool = False
) -> Iterator[bytes]:
    """UTF-8, with the byte order mark that spreadsheets need.

    With `marks_end` a last line `#end,<rows>` follows: a file without it is incomplete.
    """
    writer, lines = csv.writer(_Echo()), 0
    yield "\ufeff".encode()
    for row in chain([header], rows):
        yield writer.writerow([csv_cell(cell) for cell in row]).encode()
        lines += 1
    if marks_end:
        yield f"#end,{lines - 1}\r\n".encode()


def marks_end(query: QueryDict) -> bool:
    """Whether the address of a CSV asks for the last line. Raises ValueError for a value that is
    neither `true` nor `false`, and if it is given twice."""
    values = query.getlist(END_LINE) or ["false"]
    if len(values) > 1 or values[0] not in END_LINE_VALUES:
        raise ValueError(f"{END_LINE} must be true or false, and be given once.")
    return END_LINE_VALUES[values[0]]


def csv_cell(cell: object) -> str:
    """A cell's text, which no spreadsheet takes for a formula; a negative number stays a number."""
    text = "" if cell is None else str(cell)
    is_number = isinstance(cell, int | float | Decimal)
    return f"'{text}" if not is_number and is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take a cell's text for a formula."""
    if text.startswith(_CONTROL):
        return True
    begin = next((sign for sign in text if sign.isprintable() and not sign.isspace()), "")
    return unicodedata.normalize("NFKC", begin).startswith(_FORMULA)


def in_chunks(rows: QuerySet, *, chunk: int = CHUNK) -> Iterator:
    """The rows by key, newest first, in statements of `chunk` rows: no cursor is held open
    meanwhile, as a pooled connection can't."""
    rows = rows.order_by("-pk")
    last = None
    while True:
        part = list((rows if last is None else rows.filter(pk__lt=last))[:chunk])
        yield from part
        if len(part) < chunk:
            return
        last = part[-1].pk


def tuples_in_chunks(rows: QuerySet, *, chunk: int = CHUNK) -> Iterator[tuple]:
    """The same for a `values_list` whose first column is the key, in the order of keys.

    Each statement reads from the replica, where there is one.
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
