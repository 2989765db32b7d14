"""A table as a spreadsheet (Office Open XML, ECMA-376), written while it is read.

Libraries write a sheet to a file first and compress it when it is complete; a download of a million
rows would begin after a minute. Here each row is compressed as it comes, so memory doesn't grow and
the first bytes are sent at once. Texts are texts: no cell is ever taken for a formula.
"""

import re
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from xml.sax.saxutils import escape

from .zip_stream import ZipBuffer

SHEET_ROWS = 1_048_576  # of a sheet, the headings included
ABOUT = "About"  # the name of the sheet with the notes
MAX_TEXT = 32_767  # of a cell
PART_BYTES = 65_536  # of what is sent at once
EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
DAY_SECONDS = 86_400
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML can't hold.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Style(Enum):
    """How a column's numbers are shown; the value is the index into `STYLES`."""

    PLAIN = 0
    HEAD = 1
    DAY = 2
    MOMENT = 3
    DURATION = 4  # given in seconds


STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm:ss"/></numFmts>'
    '<fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="5"><xf/><xf fontId="1" applyFont="1"/>'
    '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="165" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def xlsx(
    title: str,
    headings: Sequence[str],
    styles: Sequence[Style],
    rows: Iterable[Sequence],
    *,
    notes: Sequence[Sequence[str]] = (),
) -> Iterator[bytes]:
    """The file in parts. Datetimes are shown as they are: bring them into the reader's zone.

    `notes` are the rows of a last sheet, the first of them its headings: what the others contain.
    """
    out = ZipBuffer()
    rows = iter(rows)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
        count, is_more = 0, True
        while is_more or not count:
            count += 1
            with packed.open(f"xl/worksheets/sheet{count}.xml", "w", force_zip64=True) as sheet:
                is_more = yield from _sheet(sheet, out, headings, styles, rows)
        names = _sheet_names(title, count)
        if notes:
            names.append(ABOUT)
            headings, *rest = notes
            plain = [Style.PLAIN] * len(headings)
            with packed.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as sheet:
                yield from _sheet(sheet, out, headings, plain, iter(rest))
        for name, text in _parts(names).items():
            packed.writestr(name, text)
    yield out.take()


def _sheet(sheet, out: ZipBuffer, headings, styles, rows: Iterator) -> Generator[bytes, None, bool]:
    """Writes one sheet; returns whether there may be rows left for another."""
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{min(max(len(str(each)) + 4, 12), 40)}" customWidth="1"/>'
        for n, each in enumerate(headings, 1)
    )
    sheet.write(
        (
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
            + _row(headings, [Style.HEAD] * len(headings))
        ).encode()
    )
    written, waiting = 1, []
    for row in rows:
        waiting.append(_row(row, styles))
        written += 1
        if len(waiting) == 500:
            sheet.write("".join(waiting).encode())
            waiting.clear()
            if out.size >= PART_BYTES:
                yield out.take()
        if written == SHEET_ROWS:
            break
    sheet.write(("".join(waiting) + "</sheetData></worksheet>").encode())
    return written == SHEET_ROWS


def _row(values: Sequence, styles: Sequence[Style]) -> str:
    return f"<row>{''.join(map(_cell, values, styles))}</row>"


def _cell(value: object, style: Style) -> str:
    if style is Style.PLAIN and isinstance(value, date):
        # A day without its style would be a number.
        style = Style.MOMENT if isinstance(value, datetime) else Style.DAY
    shown = f' s="{style.value}"' if style.value else ""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"{shown}><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        number = value / DAY_SECONDS if style is Style.DURATION else value
        return f"<c{shown}><v>{number!r}</v></c>"
    if isinstance(value, datetime):
        passed = value.replace(tzinfo=UTC, microsecond=0) - EPOCH
        return f"<c{shown}><v>{passed.total_seconds() / DAY_SECONDS!r}</v></c>"
    if isinstance(value, date):
        return f"<c{shown}><v>{(value - EPOCH.date()).days}</v></c>"
    text = escape(_NOT_IN_XML.sub("", str(value))[:MAX_TEXT])
    return f'<c t="inlineStr"{shown}><is><t xml:space="preserve">{text}</t></is></c>'


def _sheet_names(title: str, count: int) -> list[str]:
    name = re.sub(r"[\[\]:*?/\\]", " ", title)[:25].strip("' ") or "1"
    if name.casefold() == ABOUT.casefold():
        name = f"{name} 1"
    return [name if n == 1 else f"{name} {n}" for n in range(1, count + 1)]


def _parts(names: Sequence[str]) -> dict[str, str]:
    """Everything but the sheets, which have these names."""
    numbers = range(1, len(names) + 1)
    names = [escape(name, {'"': "&quot;"}) for name in names]
    sheet_list = "".join(
        f'<sheet name="{each}" sheetId="{n}" r:id="r{n}"/>' for n, each in enumerate(names, 1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxml'
        'formats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in numbers
    )
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<sheets>{sheet_list}</sheets></workbook>",
        "xl/styles.xml": STYLES,
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'{relations}<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="w" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{spreadsheet}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{spreadsheet}.styles+xml"/>'
        f"{types}</Types>",
    }
