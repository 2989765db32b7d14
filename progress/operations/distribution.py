"""How the tables are distributed over machines once one isn't enough: by learner.

Everything that a heartbeat touches carries `user_id`, so that a learner's rows are on one shard and
a heartbeat needs no other. What all learners share is copied to every shard.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

KEY = "user_id"
# The models of this app, by where their rows live. A model that is in no list fails a test.
DISTRIBUTED = [
    "Enrollment",
    "CourseProgress",
    "PastSpans",
    "LearningSession",
    "ContentProgress",
    "ContentInteraction",
    "QuizAttempt",
    "QuizAnswer",
    "Regrade",
    "Waiver",
]
REFERENCE = ["User", "Course", "Module", "Content", "Question", "Choice"]
# On the coordinator: few rows, which only jobs and the admin read.
LOCAL = ["OutboxMessage", "OutgoingMail", "Job", "SetAside", "Drift", "EvidenceExport", "RowChange"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint as the database has it; `kind` is p, u or f, `other` the referenced table."""

    table: str
    name: str
    kind: str
    columns: tuple[str, ...]
    other: str


def tables(names: list[str]) -> list[str]:
    """The tables of these models, with those of their many-to-many fields."""
    found = []
    for name in names:
        model = apps.get_model("progress", name)
        found.append(model._meta.db_table)
        found += [field.m2m_db_table() for field in model._meta.local_many_to_many]
    return found


def plan() -> Iterator[str]:
    """The SQL that distributes this database with Citus, a statement or a comment at a time.

    Keys and unique constraints of distributed tables must contain the distribution column, and
    constraints between two of them or towards local ones are dropped; the one writer and the locks
    that it holds guard the same.
    """
    spread = tables(DISTRIBUTED)
    yield "-- A coordinator with Citus; its workers are added with citus_add_node. Writers stopped."
    yield "CREATE EXTENSION IF NOT EXISTS citus;"
    yield "-- What all learners share is copied to every node, with what Django keeps beside it."
    for table in [*_framework(), *tables(REFERENCE)]:
        yield f"SELECT create_reference_table('{table}');"
    yield "-- Triggers aren't distributed; what they guard is guarded by the one writer alone then."
    for table, trigger in _triggers(spread):
        yield f"DROP TRIGGER {trigger} ON {table};"
    constraints = _constraints(spread)
    yield "-- Keys get the distribution column."
    for constraint in constraints:
        if constraint.kind == "f" and constraint.other in spread:
            yield f"ALTER TABLE {constraint.table} DROP CONSTRAINT {constraint.name};"
    for constraint in constraints:
        if constraint.kind in "pu" and KEY not in constraint.columns:
            yield from _with_key(constraint)
    yield from _evidence_indexes()
    yield f"-- Learners' rows, by {KEY}, all of a learner's on one shard."
    for index, table in enumerate(spread):
        colocated = f", colocate_with => '{spread[0]}'" if index else ""
        yield f"SELECT create_distributed_table('{table}', '{KEY}'{colocated});"
    yield "-- Local, on the coordinator: " + ", ".join(tables(LOCAL))


def _framework() -> list[str]:
    """Tables of Django and its parts that reference tables point to."""
    return ["django_content_type", "auth_permission", "auth_group"]


def _with_key(constraint: Constraint) -> Iterator[str]:
    kind = "PRIMARY KEY" if constraint.kind == "p" else "UNIQUE"
    columns = ", ".join([KEY, *constraint.columns])
    yield f"ALTER TABLE {constraint.table} DROP CONSTRAINT {constraint.name} CASCADE;"
    yield (f"ALTER TABLE {constraint.table} ADD CONSTRAINT {constraint.name} {kind} ({columns});")


def _evidence_indexes() -> Iterator[str]:
    """Unique indexes (not constraints) of distributed tables that lack the column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = ANY(%s::regclass[]) AND indisunique"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY 1",
            [tables(DISTRIBUTED)],
        )
        for name, definition in cursor.fetchall():
            if KEY not in definition:
                yield f"DROP INDEX {name};"
                head, _, rest = definition.replace(" ONLY ", " ").partition("(")
                yield f"{head}({KEY}, {rest};"


def _triggers(spread: list[str]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgrelid = ANY(%s::regclass[]) AND NOT tgisinternal ORDER BY 1, 2",
            [spread],
        )
        return cursor.fetchall()


def _constraints(spread: list[str]) -> list[Constraint]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, contype::text, array_agg(attname::text"
            " ORDER BY array_position(conkey, attnum)),"
            " coalesce(nullif(confrelid, 0)::regclass::text, '')"
            " FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)"
            " WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('p', 'u', 'f')"
            " GROUP BY conrelid, conname, contype, confrelid ORDER BY 1, 2",
            [spread],
        )
        return [
            Constraint(table, name, kind, tuple(columns), other)
            for table, name, kind, columns, other in cursor.fetchall()
        ]


def undecided_models() -> list[type[models.Model]]:
    """The models of this app that are in none of the lists."""
    decided = {*DISTRIBUTED, *REFERENCE, *LOCAL}
    found = apps.get_app_config("progress").get_models()
    return [model for model in found if model.__name__ not in decided]
