"""Serializers made from the types of answers, for the API's description.

Answers that pages and pushes show too, or that are too frequent for a serializer, are dicts of a
`TypedDict` each. Its fields
are written down there, once; this makes the serializer that describes them:

    class ResumeAnswer(TypedDict):
        position: Annotated[float, "In seconds."]

    serializer_of(ResumeAnswer)  # with position = FloatField(help_text="In seconds.")

`Annotated[str, UUID]` is a text that holds a UUID.
"""

from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

from django.db.models import Choices
from rest_framework import serializers

from progress.rules.grading import AnswerPart

from .answer_parts import AnswerPartField

_FIELDS: dict[Any, type[serializers.Field]] = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    datetime: serializers.DateTimeField,
    UUID: serializers.UUIDField,
    AnswerPart: AnswerPartField,
}


@cache
def serializer_of(answer: Any) -> type[serializers.Serializer]:
    """The serializer with the fields, the docstring and the name (less `Payload`) of the type."""
    fields = {}
    for name, hint in get_type_hints(answer, include_extras=True).items():
        is_optional = name in answer.__optional_keys__
        fields[name] = field_of(hint, **({"required": False} if is_optional else {}))
    about = {"__doc__": answer.__doc__ or ""}
    name = answer.__name__.removesuffix("Payload")
    return type(name, (serializers.Serializer,), about | fields)


def field_of(hint: Any, **options) -> serializers.Field:
    """The field of an annotation; `options` are passed to it. Raises TypeError for a type that has
    no field."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return field_of(arguments[0], **options)
    if origin is Annotated and isinstance(arguments[1], str):
        return field_of(arguments[0], help_text=arguments[1], **options)
    if origin is Annotated:
        return field_of(arguments[1], **options)
    if origin in {Union, UnionType} and len(arguments) == 2 and arguments[1] is NoneType:
        return field_of(arguments[0], allow_null=True, **options)
    if origin is Literal:
        return serializers.ChoiceField(arguments, **options)
    if origin is list:
        return _list_field(arguments[0], **options)
    if is_typeddict(hint):
        return serializer_of(hint)(**options)
    if _is_choices(hint):
        return serializers.ChoiceField(hint.choices, **options)
    if hint not in _FIELDS:
        raise TypeError(f"There is no field for {hint}.")
    return _FIELDS[hint](**options)


def _is_choices(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Choices)


def _list_field(item: Any, **options) -> serializers.Field:
    if is_typeddict(item):
        return serializer_of(item)(many=True, **options)
    return serializers.ListField(child=field_of(item), **options)
