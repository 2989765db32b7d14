"""A CSV file as rows. Pure: bytes in, values out."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from progress.files.downloads import is_formula

DELIMITERS = ",;\t"
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELLS = 2 * MAX_COLUMNS
# Includes empty lines, which take time to read, too.
MAX_LINES = 2 * MAX_ROWS
# Some spreadsheets write this line before the table to name its delimiter.
DELIMITER_LINE = re.compile(r'"?sep=([,;\t])"?\n')
# The column that we add to a file of wrong rows.
ERROR_COLUMN = "error"
# Ignored, so that a file downloaded from the admin can be imported again.
IGNORED_COLUMNS = {ERROR_COLUMN, "id"}


class Unreadable(Exception):
    """The file as a whole can't be imported; the message says why, and what would be right."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts as a spreadsheet does: the header is row 1. Cells are trimmed."""

    number: int
    cells: dict[str, str]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`header` has the columns' names as in the file, `columns` in our spelling, in its order."""

    header: list[str]
    columns: list[str]
    rows: list[Row]


def read_table(content: bytes) -> Table:
    """The table in a file: UTF-8, or UTF-16 with a byte-order mark, as spreadsheets save it. The
    delimiter is a comma, semicolon or tab, or what a first line `sep=;` says.

    Raises Unreadable.
    """
    text = read_text(content)
    delimiter_line = DELIMITER_LINE.match(text)
    records = _records(text, delimiter_line[1] if delimiter_line else _delimiter(text))
    if delimiter_line:
        next(records)
    header = next(records, (0, []))[1]
    if len(header) > MAX_COLUMNS:
        raise Unreadable(_("More than %(most)s columns.") % {"most": MAX_COLUMNS})
    columns = [_column(name) for name in header]
    if not any(columns):
        raise Unreadable(_("The file is empty: its first row must name the columns."))
    repeated = {name for name in columns if name and columns.count(name) > 1}
    if repeated:
        raise Unreadable(
            _("Two columns have the same name: %(names)s.") % {"names": ", ".join(sorted(repeated))}
        )
    return Table(header, columns, list(_rows(records, columns)))


def _rows(records: Iterator[tuple[int, list[str]]], columns: list[str]) -> Iterator[Row]:
    """Raises Unreadable at the first row beyond MAX_ROWS, before the rest is read."""
    found = 0
    for number, cells in records:
        if not any(cells):
            continue
        found += 1
        if found > MAX_ROWS:
            raise _too_long()
        yield _row(number, cells, columns)


def _too_long() -> Unreadable:
    return Unreadable(_("More than %(most)s rows: split the file.") % {"most": MAX_ROWS})


def read_text(content: bytes) -> str:
    """The file's text, in whichever encoding a spreadsheet saved it. Raises Unreadable."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise Unreadable(
            _("Row %(row)s is not UTF-8. Save the file as “CSV UTF-8”.") % {"row": row}
        ) from None
    if "\0" in text:
        raise Unreadable(_("This is not a CSV file. Save it as “CSV UTF-8”."))
    # The line ends that a form sends: a cell of several lines is then the same from any source.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _delimiter(text: str) -> str:
    """The most frequent delimiter in the header, outside of quotes."""
    unquoted = "".join(text.partition("\n")[0].split('"')[::2])
    return max(DELIMITERS, key=unquoted.count)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, cells in enumerate(lines, 1):
            if number > MAX_LINES:
                raise _too_long()
            if len(cells) > MAX_CELLS:
                raise Unreadable(
                    _("Row %(row)s has more than %(most)s cells.")
                    % {"row": number, "most": MAX_CELLS}
                )
            yield number, [_cell(cell) for cell in cells]
    except csv.Error as error:
        raise Unreadable(
            _("Row %(row)s can't be read: %(reason)s.") % {"row": number + 1, "reason": error}
        ) from None


def _cell(text: str) -> str:
    """Without the apostrophe that our own files put before anything that looks like a formula."""
    text = text.strip()
    return text[1:].strip() if text[:1] == "'" and is_formula(text[1:]) else text


def _column(name: str) -> str:
    """`full_name` of `Full name`."""
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _row(number: int, cells: list[str], columns: list[str]) -> Row:
    padded = cells + [""] * (len(columns) - len(cells))
    by_column = {name: cell for name, cell in zip(columns, padded, strict=False) if name}
    extra = tuple(cell for cell in cells[len(columns) :] if cell)
    return Row(number, by_column, extra)
