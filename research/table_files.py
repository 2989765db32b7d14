"""Rows of a table from outside, as CSV or parquet."""

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from research import parquet
from research.parquet import BadFolder


def rows(
    path: Path, columns: Sequence[str], texts: Collection[str], refusal: type[Exception]
) -> Iterator[dict]:
    """Each row by column; from parquet `texts` are str and the others float, from CSV all are str.

    Raises `refusal`, which says what is wrong with the file.
    """
    if path.suffix == ".parquet":
        try:
            table = parquet.read(path, columns, texts)
        except BadFolder as error:
            raise refusal(str(error)) from None
        for values in zip(*(table[name].tolist() for name in columns), strict=True):
            yield dict(zip(columns, values, strict=True))
        return
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise refusal(f"no column {', '.join(missing)}")
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refusal(str(error)) from None
