"""Serializers that refuse what they don't know."""

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from progress.validation.unknown_fields import RefusesUnknownFields


class StrictSerializer(RefusesUnknownFields, serializers.Serializer):
    """Refuses unknown keys, but accepts what our own answers contain."""

    tolerated = frozenset({"id"})


def check_unique(items: list[dict], key: str, many: str) -> None:
    seen = set()
    for index, item in enumerate(items):
        if item[key] in seen:
            raise ValidationError({many: {index: {key: f"{item[key]!r} is used twice."}}})
        seen.add(item[key])


def check_unique_if_given(items: list[dict], key: str) -> None:
    """The same for a key that may be missing."""
    seen = set()
    for index, item in enumerate(items):
        value = item.get(key)
        if value is not None and value in seen:
            raise ValidationError({index: {key: [f"{value!r} is used twice."]}})
        seen.add(value)
