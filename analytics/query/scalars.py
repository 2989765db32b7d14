"""Several single values, each from a query of its own, in one statement.

As subqueries of another query Django would resolve each of them again for it and its groups: on the
first page that took longer than the statement itself.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


class CountOf(NamedTuple):
    """How many rows a query has."""

    rows: QuerySet


def scalars(wanted: Sequence[QuerySet | CountOf], database: str) -> list[Any]:
    """Counts, and the values of queries with one column and at most one row: None without one."""
    parts: list[str] = []
    parameters: list[Any] = []
    for each in wanted:
        statement, own = _part(each)
        parts.append(statement)
        parameters += own
    with connections[database].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return list(cursor.fetchone())


def _part(wanted: QuerySet | CountOf) -> tuple[str, Sequence[Any]]:
    try:
        if isinstance(wanted, CountOf):
            statement, parameters = wanted.rows.query.sql_with_params()
            return f"(SELECT count(*) FROM ({statement}) counted)", parameters
        statement, parameters = wanted.query.sql_with_params()
        return f"({statement})", parameters
    except EmptyResultSet:  # Django knows that there is nothing
        return ("0" if isinstance(wanted, CountOf) else "NULL"), ()
