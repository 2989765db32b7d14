"""Answers that are built as dicts are described by their types."""

from datetime import datetime
from typing import Annotated, Literal, NotRequired, TypedDict
from uuid import UUID

import pytest
from django.db.models import TextChoices
from rest_framework import serializers

from progress.api.described import field_of, serializer_of


class Colour(TextChoices):
    RED = "red", "Red"


class Part(TypedDict):
    size: int


class Whole(Part):
    """What the parts make."""

    name: Annotated[str, "As on its label."]
    made_at: datetime | None
    colour: Colour
    parts: list[Part]
    spare: NotRequired[Part]


def test_a_serializer_has_the_fields_the_name_and_the_docstring_of_the_type():
    described = serializer_of(Whole)
    assert issubclass(described, serializers.Serializer)
    assert (described.__name__, described.__doc__) == ("Whole", "What the parts make.")
    fields = described().fields
    assert list(fields) == ["size", "name", "made_at", "colour", "parts", "spare"]
    assert fields["name"].help_text == "As on its label."
    assert {name for name, each in fields.items() if each.allow_null} == {"made_at"}
    assert {name for name, each in fields.items() if not each.required} == {"spare"}
    assert fields["parts"].many and list(fields["parts"].child.fields) == ["size"]


def test_fields_of_a_partial_type_are_optional():
    class Partial(TypedDict, total=False):
        size: int

    class Extended(Partial):
        name: str

    fields = serializer_of(Extended)().fields
    assert {name: each.required for name, each in fields.items()} == {"size": False, "name": True}


@pytest.mark.parametrize(
    ("hint", "field"),
    [
        (bool, serializers.BooleanField),
        (int, serializers.IntegerField),
        (float | None, serializers.FloatField),
        (str, serializers.CharField),
        (Annotated[str, UUID], serializers.UUIDField),
        (Annotated[str, UUID] | None, serializers.UUIDField),
        (Annotated[str, "A text."], serializers.CharField),
        (Literal["a", "b"], serializers.ChoiceField),
        (Colour, serializers.ChoiceField),
        (list[list[float]], serializers.ListField),
        (Part, serializers.Serializer),
    ],
)
def test_each_type_has_its_field(hint, field):
    assert isinstance(field_of(hint), field)


def test_choices_are_those_of_the_type():
    assert field_of(Colour).choices == {"red": "Red"}
    assert list(field_of(Literal["a", "b"] | None).choices) == ["a", "b"]


@pytest.mark.parametrize("hint", [dict, object, int | str, list[dict]])
def test_a_type_without_a_field_is_refused(hint):
    with pytest.raises(TypeError, match="There is no field"):
        field_of(hint)
