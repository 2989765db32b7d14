"""Spreadsheets, read back by an independent library."""

import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest

from progress.files import spreadsheet
from progress.files.spreadsheet import Style, xlsx


def read(title, headings, styles, rows):
    whole = b"".join(xlsx(title, headings, styles, rows))
    return openpyxl.load_workbook(io.BytesIO(whole))


def values(sheet):
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_values_keep_their_types():
    at = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    styles = [Style.PLAIN, Style.PLAIN, Style.DAY, Style.MOMENT, Style.DURATION, Style.PLAIN]
    row = ("Müller & <Söhne>", 12.5, date(2026, 3, 5), at, 4500, True)
    workbook = read("Learners", ["name", "n", "day", "at", "time", "yes"], styles, [row])
    headings, row = values(workbook["Learners"])
    assert headings == ("name", "n", "day", "at", "time", "yes")
    assert row[:2] == ("Müller & <Söhne>", 12.5)
    assert row[2] == datetime(2026, 3, 5) and row[3] == at.replace(tzinfo=None)  # noqa: DTZ001
    assert row[4] == timedelta(seconds=4500) and row[5] is True
    assert workbook.active["A1"].font.b and workbook.active.freeze_panes == "A2"


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-2", "@x", "مرحبا", "  two ", "a\nb", "王小明"])
def test_a_text_stays_a_text(text):
    workbook = read("t", ["a"], [Style.PLAIN], [(text,)])
    cell = workbook.active["A2"]
    assert cell.value == text and cell.data_type in ("s", "inlineStr")


def test_characters_that_xml_cannot_hold_are_left_out():
    assert values(read("t", ["a"], [Style.PLAIN], [("a\x00b\x1fc\ud800",)]).active)[1] == ("abc",)


def test_an_empty_value_is_an_empty_cell_in_its_column():
    workbook = read("t", ["a", "b", "c"], [Style.PLAIN] * 3, [(None, "", 0)])
    assert values(workbook.active)[1] == (None, None, 0)


def test_too_many_rows_continue_on_the_next_worksheet(monkeypatch):
    monkeypatch.setattr(spreadsheet, "SHEET_ROWS", 4)
    workbook = read("People: all/of [them]", ["n"], [Style.PLAIN], [(n,) for n in range(7)])
    assert workbook.sheetnames[:2] == ["People  all of  them", "People  all of  them 2"]
    numbers = [row[0] for sheet in workbook.worksheets for row in values(sheet)[1:]]
    assert numbers == list(range(7))
    assert all(values(sheet)[0] == ("n",) for sheet in workbook.worksheets)


def test_an_empty_table_is_a_worksheet_with_headings():
    assert values(read("t", ["a", "b"], [Style.PLAIN] * 2, []).active) == [("a", "b")]


def test_rows_are_written_while_they_are_read():
    asked = []

    def rows():
        for n in range(200_000):
            asked.append(n)
            yield (n, f"learner-{n * 7919 % 1_000_003}")

    parts = xlsx("t", ["n", "name"], [Style.PLAIN] * 2, rows())
    next(parts)
    assert 0 < len(asked) < 100_000
