"""Rows in PostgreSQL's text format of COPY: a line for each, tabs between its columns."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models

from progress.models.spans import SpansField

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def written(model: type[models.Model]) -> list[models.Field]:
    """The columns that are written: not the generated ones, and not a key that the database
    gives, except that of a model whose key others refer to by value."""
    return [
        column
        for column in model._meta.concrete_fields
        if not column.generated
        and not (column.primary_key and column.name == "id" and not _is_keyed(model))
    ]


def _is_keyed(model: type[models.Model]) -> bool:
    return model.__name__ == "QuizAttempt"


def encode(model: type[models.Model], rows: Iterable[models.Model]) -> bytes:
    """The rows, in the order of `written`."""
    columns = [(column.attname, _writer(column)) for column in written(model)]
    lines = []
    for row in rows:
        cells = []
        for name, write in columns:
            value = getattr(row, name)
            cells.append("\\N" if value is None else write(value))
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode() if lines else b""


def _writer(column: models.Field):
    if isinstance(column, SpansField):
        return column.get_prep_value
    if isinstance(column, ArrayField):
        return lambda value: "{" + ",".join(map(str, value)) + "}"
    if isinstance(column, models.JSONField):
        return lambda value: json.dumps(value).translate(_ESCAPES)
    if isinstance(column, models.BinaryField):
        return lambda value: "\\\\x" + bytes(value).hex()
    if isinstance(column, models.DateTimeField):
        return datetime.isoformat
    if isinstance(column, models.CharField | models.TextField):
        return lambda value: value.translate(_ESCAPES)
    return str
