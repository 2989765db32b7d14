"""Writes a person's copy: every part as JSON with a schema, the most asked for as CSV, and files.

Rows are read and written one after the other, so that a record of any length takes little memory.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from progress.files.downloads import csv_lines
from progress.models import User

from . import parts, spreadsheets
from .schema import schema

CHUNK = 2000
BUFFER_BYTES = 64 * 1024
WHEN = (1980, 1, 1, 0, 0, 0)  # of the entries: a ZIP's moments have no zone


def write(file: IO[bytes], user: User, now: datetime) -> None:
    """Writes the ZIP."""
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
        translation.override(user.mail_language),
        timezone.override(ZoneInfo(user.time_zone)),
    ):
        context = {"person": user, "now": now, "site": settings.PUBLIC_URL}
        _write(made, "README.txt", [render_to_string("registration/own_data_readme.txt", context)])
        _write(made, "json/schema.json", [_dumped(schema())])
        _write(made, "left-out.json", [_dumped(_left_out())])
        for part in parts.all_parts():
            _write(made, f"json/{part.name}.json", _rows_as_json(part, user))
        for name, header, rows in spreadsheets.tables(user):
            _write(made, f"csv/{name}.csv", csv_lines(header, rows))
        for name, content in parts.files_of(user):
            _write(made, f"files/{name}", [content])


def _write(made: zipfile.ZipFile, name: str, contents: Iterable[str | bytes]) -> None:
    with _entry(made, name) as entry:
        for each in contents:
            entry.write(each.encode() if isinstance(each, str) else each)


@contextmanager
def _entry(made: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    info = zipfile.ZipInfo(name, WHEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with (
        made.open(info, "w", force_zip64=True) as raw,
        io.BufferedWriter(raw, BUFFER_BYTES) as entry,  # type: ignore[arg-type]
    ):
        yield entry


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _left_out() -> list[dict[str, str]]:
    columns = [
        {"what": f"{part.name}.{column}", "why": why}
        for part in parts.all_parts()
        for column, why in part.without.items()
    ]
    return columns + [{"what": what, "why": why} for what, why in parts.left_out().items()]


def _rows_as_json(part: parts.Part, user: User) -> Iterator[str]:
    names = [each.attname for each in part.fields()]
    before = "[\n"
    for row in in_chunks(part.queryset(user), names):
        values = {name: _value(each) for name, each in zip(names, row, strict=True)}
        yield before + json.dumps(values, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def in_chunks(rows: QuerySet, names: list[str]) -> Iterator[tuple]:
    """The columns of rows by key, in statements of `CHUNK` rows: no cursor is held open."""
    last = None
    while True:
        found = rows if last is None else rows.filter(pk__gt=last)
        part = list(found.values_list("pk", *names)[:CHUNK])
        yield from (row[1:] for row in part)
        if len(part) < CHUNK:
            return
        last = part[-1][0]


def _value(value: Any) -> Any:
    """As the schema describes it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    return str(value)
