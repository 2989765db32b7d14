"""The shape of a copy's JSON files, as JSON Schema, read from the models."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation

from progress.models.spans import SpansField

from . import parts

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPAN = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
# The first that fits; JSON of any shape fits none of them.
_SHAPES: list[tuple[tuple[type, ...], dict[str, Any]]] = [
    ((models.BooleanField,), {"type": "boolean"}),
    ((models.DateTimeField,), {"type": "string", "format": "date-time"}),
    ((models.DateField,), {"type": "string", "format": "date"}),
    ((models.FloatField, models.DecimalField, models.DurationField), {"type": "number"}),
    ((models.IntegerField,), {"type": "integer"}),
    ((models.BinaryField,), {"type": "string", "pattern": "^[0-9a-f]*$"}),
    ((models.UUIDField,), {"type": "string", "format": "uuid"}),
    ((models.CharField, models.TextField, models.GenericIPAddressField), {"type": "string"}),
    ((SpansField,), {"type": "array", "items": _SPAN}),
    ((ArrayField,), {"type": "array"}),
]


def schema() -> dict[str, Any]:
    """Under `$defs` the shape of each file, by its name."""
    with translation.override("en"):
        described = {part.name: _file(part) for part in parts.all_parts()}
    return {
        "$schema": _DIALECT,
        "title": "What is kept about a person",
        "description": "Each file <name>.json is an array of rows, described by $defs/<name>. "
        "Moments are in ISO 8601 with their zone; _ms are milliseconds, _bp hundredths of a "
        "percent, _ppm millionths; hashes are hexadecimal.",
        "$defs": described,
    }


def _file(part: parts.Part) -> dict[str, Any]:
    fields = part.fields()
    return {
        "description": part.description,
        "type": "array",
        "items": {
            "type": "object",
            "properties": {each.attname: _property(each) for each in fields},
            "required": [each.attname for each in fields],
            "additionalProperties": False,
        },
    }


def _property(field: models.Field) -> dict[str, Any]:
    shape = dict(_shape(field))
    # A generated column doesn't say whether it may be empty.
    if (field.null or isinstance(field, models.GeneratedField)) and "type" in shape:
        shape["type"] = [shape["type"], "null"]
    text = str(field.help_text) or str(field.verbose_name)
    if field.remote_field is not None:
        text = f"The id of the {field.related_model._meta.verbose_name}. {field.help_text}".strip()
    return shape | {"description": text}


def _shape(field: models.Field) -> dict[str, Any]:
    stored: Any = field
    while stored.remote_field is not None:
        stored = stored.target_field
    if isinstance(stored, models.GeneratedField):
        stored = stored.output_field
    return next((shape for types, shape in _SHAPES if isinstance(stored, types)), {})
