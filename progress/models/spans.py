"""`int8multirange` as a Django field; a value is a tuple of half-open `(start, end)` integers."""

import re
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Aggregate

from progress.rules.coverage import Spans

_SPAN = re.compile(r"\[(-?\d+),(-?\d+)\)")


class SpansField(models.Field):
    """A set of integers kept as disjoint, ordered, half-open spans.

    psycopg2 knows no multiranges and hands them over as text, so text is what is parsed and
    written here. PostgreSQL itself canonicalises: overlapping or touching spans come back merged.
    """

    description = "Integer spans"

    if TYPE_CHECKING:  # what a row's attribute is; Django makes it an ordinary one

        def __get__(self, row, owner=None) -> Spans: ...
        def __set__(self, row, value: Spans) -> None: ...

    def db_type(self, connection):
        return "int8multirange"

    def from_db_value(self, value, expression, connection):
        return None if value is None else self.parse(value)

    def to_python(self, value):
        return self.parse(value) if isinstance(value, str) else value

    def get_prep_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return "{" + ",".join(f"[{start},{end})" for start, end in value) + "}"

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))

    @staticmethod
    def parse(text: str) -> tuple[tuple[int, int], ...]:
        return tuple((int(start), int(end)) for start, end in _SPAN.findall(text))


class SpansUnion(Aggregate):
    """The union of many rows' spans, merged by the database; None over no rows."""

    function = "range_agg"
    output_field = SpansField()
