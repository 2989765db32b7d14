"""Spreadsheets, read back by another program's library."""

import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest

from progress.files import spreadsheet
from progress.files.spreadsheet import Style, xlsx


def read(title, heads, styles, rows):
    whole = b"".join(xlsx(title, heads, styles, rows))
    return openpyxl.load_workbook(io.BytesIO(whole))


def values(sheet):
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_values_come_back_as_what_they_are():
    at = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    styles = [Style.PLAIN, Style.PLAIN, Style.DAY, Style.MOMENT, Style.DURATION, Style.PLAIN]
    row = ("Müller & <Söhne>", 12.5, date(2026, 3, 5), at, 4500, True)
    book = read("Learners", ["name", "n", "day", "at", "time", "yes"], styles, [row])
    heads, told = values(book["Learners"])
    assert heads == ("name", "n", "day", "at", "time", "yes")
    assert told[:2] == ("Müller & <Söhne>", 12.5)
    assert told[2] == datetime(2026, 3, 5) and told[3] == at.replace(tzinfo=None)  # noqa: DTZ001
    assert told[4] == timedelta(seconds=4500) and told[5] is True
    assert book.active["A1"].font.b and book.active.freeze_panes == "A2"


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-2", "@x", "مرحبا", "  two ", "a\nb", "王小明"])
def test_a_text_is_never_anything_else(text):
    book = read("t", ["a"], [Style.PLAIN], [(text,)])
    cell = book.active["A2"]
    assert cell.value == text and cell.data_type in ("s", "inlineStr")


def test_what_xml_cannot_hold_is_left_out():
    assert values(read("t", ["a"], [Style.PLAIN], [("a\x00b\x1fc\ud800",)]).active)[1] == ("abc",)


def test_nothing_is_an_empty_cell_in_its_place():
    book = read("t", ["a", "b", "c"], [Style.PLAIN] * 3, [(None, "", 0)])
    assert values(book.active)[1] == (None, None, 0)


def test_what_is_too_long_for_a_sheet_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(spreadsheet, "SHEET_ROWS", 4)
    book = read("People: all/of [them]", ["n"], [Style.PLAIN], [(n,) for n in range(7)])
    assert book.sheetnames[:2] == ["People  all of  them", "People  all of  them 2"]
    told = [row[0] for sheet in book.worksheets for row in values(sheet)[1:]]
    assert told == list(range(7))
    assert all(values(sheet)[0] == ("n",) for sheet in book.worksheets)


def test_an_empty_table_is_a_sheet_with_heads():
    assert values(read("t", ["a", "b"], [Style.PLAIN] * 2, []).active) == [("a", "b")]


def test_it_is_written_while_it_is_read():
    asked = []

    def rows():
        for n in range(200_000):
            asked.append(n)
            yield (n, f"learner-{n * 7919 % 1_000_003}")

    parts = xlsx("t", ["n", "name"], [Style.PLAIN] * 2, rows())
    next(parts)
    assert 0 < len(asked) < 100_000
