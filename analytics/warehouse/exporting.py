"""Writes every view as a Parquet file, for a warehouse that reads files instead of the database.

A folder for each export holds a file for each view, and when all are there `manifest.json`. What
breaks off goes on with the views that are missing: a file has its name only once it is whole.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone

from .making import SCHEMA

CHUNK = 20_000  # rows in memory, and in a row group
KEPT = 7  # whole exports
MANIFEST = "manifest.json"
GOES_ON_FOR = timedelta(hours=12)  # after which an export that broke off is begun anew
_NAME, _FORMAT = re.compile(r"\d{8}T\d{6}Z"), "%Y%m%dT%H%M%SZ"
# PostgreSQL's types of the views' columns.
BOOL, BIGINT, INT, SMALLINT, TEXT, VARCHAR = 16, 20, 23, 21, 25, 1043
DATE, MOMENT, NUMERIC, UUID = 1082, 1184, 1700, 2950


def export(directory: Path, now: datetime) -> int:
    """Goes on with the export that broke off, or begins one; returns the number of rows written.

    Raises ImproperlyConfigured without pyarrow, and OSError if the directory can't be written.
    """
    _pyarrow()
    directory.mkdir(parents=True, exist_ok=True)
    folder = _unfinished(directory, now) or directory / now.astimezone(UTC).strftime(_FORMAT)
    folder.mkdir(exist_ok=True)
    count = sum(_export_view(folder, view) for view in views() if not _is_there(folder, view))
    _write_json(
        folder / MANIFEST,
        {
            "schema": SCHEMA,
            "finished_at": timezone.now().isoformat(),
            "files": {view: json.loads(_note(folder, view).read_text()) for view in views()},
        },
    )
    for view in views():
        _note(folder, view).unlink()
    _prune(directory)
    return count


def views() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT viewname FROM pg_views WHERE schemaname = %s ORDER BY viewname", [SCHEMA]
        )
        return [name for (name,) in cursor.fetchall()]


# --- One view ------------------------------------------------------------------------------------
def _export_view(folder: Path, view: str) -> int:
    """Writes a view as it is at one moment; returns the number of its rows."""
    file = folder / f"{view}.parquet"
    part = folder / f"{view}.part"
    as_of = timezone.now()
    count = _write_rows(part, view)
    with open(part, "rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    _write_json(
        _note(folder, view),
        {
            "file": file.name,
            "rows": count,
            "bytes": part.stat().st_size,
            "sha256": digest,
            "as_of": as_of.isoformat(),
        },
    )
    part.rename(file)
    return count


def _write_rows(path: Path, view: str) -> int:
    pyarrow, parquet = _pyarrow()
    count = 0
    chunks = _chunks(view)
    columns = next(chunks)
    schema = pyarrow.schema([(column.name, _type_of(pyarrow, column)) for column in columns])
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in chunks:
            values = zip(*rows, strict=True)
            arrays = [
                pyarrow.array(_plain(column.type_code, each), type=field.type)
                for column, each, field in zip(columns, values, schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            count += len(rows)
    return count


def _chunks(view: str) -> Iterator[Sequence]:
    """First the view's columns, then its rows, in constant memory."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {SCHEMA}.{view} LIMIT 0")
        yield cursor.description
        # Within a transaction, so that it also works behind pgbouncer.
        cursor.execute(f"DECLARE exported NO SCROLL CURSOR FOR SELECT * FROM {SCHEMA}.{view}")
        while True:
            cursor.execute(f"FETCH {CHUNK} FROM exported")
            rows = cursor.fetchall()
            if not rows:
                break
            yield rows
        cursor.execute("CLOSE exported")


def _type_of(pyarrow, column):
    kinds = {
        BOOL: pyarrow.bool_(),
        BIGINT: pyarrow.int64(),
        INT: pyarrow.int32(),
        SMALLINT: pyarrow.int16(),
        TEXT: pyarrow.string(),
        VARCHAR: pyarrow.string(),
        UUID: pyarrow.string(),
        DATE: pyarrow.date32(),
        MOMENT: pyarrow.timestamp("us", tz="UTC"),
    }
    if column.type_code == NUMERIC:
        return pyarrow.decimal128(column.precision, column.scale)
    return kinds[column.type_code]


def _plain(type_code: int, values: Sequence) -> Sequence:
    """UUIDs as text; everything else as it is."""
    if type_code != UUID:
        return values
    return [None if value is None else str(value) for value in values]


# --- The folder ----------------------------------------------------------------------------------
def _note(folder: Path, view: str) -> Path:
    """What the manifest will say of a view; there once its file is."""
    return folder / f"{view}.json"


def _is_there(folder: Path, view: str) -> bool:
    return _note(folder, view).exists() and (folder / f"{view}.parquet").exists()


def _exports(directory: Path) -> list[Path]:
    """The folders of exports, oldest first."""
    return sorted(each for each in directory.iterdir() if _NAME.fullmatch(each.name))


def _unfinished(directory: Path, now: datetime) -> Path | None:
    """The folder to go on with. One that broke off long ago is deleted: its views would be old."""
    exports = _exports(directory)
    if not exports or (exports[-1] / MANIFEST).exists():
        return None
    began = datetime.strptime(exports[-1].name, _FORMAT).replace(tzinfo=UTC)
    if now - began <= GOES_ON_FOR:
        return exports[-1]
    shutil.rmtree(exports[-1])
    return None


def _prune(directory: Path) -> None:
    for folder in _exports(directory)[:-KEPT]:
        shutil.rmtree(folder)


def _write_json(path: Path, value: dict) -> None:
    """At once: whoever looks for the file sees all of it or nothing."""
    part = path.with_suffix(".tmp")
    part.write_text(json.dumps(value, indent=2) + "\n")
    part.rename(path)


def _pyarrow():
    """The modules, which only an installation that exports needs."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ImproperlyConfigured("WAREHOUSE_DIR needs the package pyarrow.") from None
    return pyarrow, pyarrow.parquet
