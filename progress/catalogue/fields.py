"""Strict fields: each takes JSON values of its own type only, not strings that look like them."""

import math

from rest_framework import serializers

from progress.validation.storable import MAX_ID


class WholeNumber(serializers.IntegerField):
    """A JSON number without a fraction: no strings, no booleans."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A finite JSON number: no strings, no booleans, no NaN."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        if not math.isfinite(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false: no strings, no numbers."""

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Identity(WholeNumber):
    """The id from an answer; sent back, it says which stored item is meant."""

    def __init__(self, **kwargs):
        super().__init__(required=False, allow_null=True, min_value=1, max_value=MAX_ID, **kwargs)
