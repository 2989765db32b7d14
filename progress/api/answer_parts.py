"""A part of an answer to a question, as the API's description shows it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "description": "The id of a choice."},
            {"type": "string", "description": "A number or a text, as typed."},
            {
                "type": "array",
                "items": {"type": "integer"},
                "minItems": 2,
                "maxItems": 2,
                "description": "Of a matching question: two choices that belong together.",
            },
        ]
    }
)
class AnswerPartField(serializers.JSONField):
    """A choice's id, a pair of them, or what was typed."""
