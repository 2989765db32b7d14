"""A field for due dates: a moment, or a day that ends in its learner's zone."""

from datetime import date
from typing import ClassVar

from django.utils.dateparse import parse_date
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from progress.importing.fields import SENSIBLE_YEARS

DAY = {"type": "string", "format": "date"}


def parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


@extend_schema_field({"oneOf": [{"type": "string", "format": "date-time"}, DAY]})
class DayOrMoment(serializers.DateTimeField):
    """A moment; or a day, returned as a `date`: it ends in the zone of its learner."""

    default_error_messages: ClassVar = {
        "year": "A year from 2000 to 2999.",
    }

    def to_internal_value(self, value):
        day = parse_day(value) if isinstance(value, str) else None
        found = day or super().to_internal_value(value)
        if found.year not in SENSIBLE_YEARS:
            self.fail("year")
        return found
