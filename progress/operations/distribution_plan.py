"""The statements that distribute this database with Citus, made from its own catalogue.

Their order matters. A reference table would drag every table that it is related to into Citus' care
while foreign keys still connect them, so these go first and come back last. Keys and unique
constraints of a distributed table must contain the distribution column.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from progress.models.learner_keys import LEARNER

from .distribution import KEY, Placement, tables

HEAD = r"\set ON_ERROR_STOP on"
# Called by the name and version in them; those of an earlier release are there for a while.
FUNCTIONS = r"^progress_\w+_v\d+$"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key as the database has it."""

    table: str
    name: str
    columns: tuple[str, ...]
    other: str
    other_columns: tuple[str, ...]
    timing: str  # when it is checked: DEFERRABLE …, or nothing


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key, unique constraint or unique index of a distributed table."""

    table: str
    name: str
    kind: str  # p: primary key, u: unique constraint, i: unique index
    definition: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What of the database the plan is made from."""

    foreign_keys: list[ForeignKey]
    keys: list[Key]
    triggers: list[tuple[str, str, str, bool]]  # table, name, definition, whether it only refuses
    functions: list[tuple[str, bool, bool]]  # as `name(types)`; whether SQL, and reads tables


class AlreadyDistributed(Exception):
    """The plan is for tables as migrations leave them."""


def plan() -> Iterator[str]:
    """The plan for psql, a statement or a comment at a time. Raises AlreadyDistributed."""
    if is_distributed():
        raise AlreadyDistributed("Tables of this database are distributed already.")
    spread, shared = tables(Placement.DISTRIBUTED), tables(Placement.REFERENCE)
    found = read_catalogue(spread, shared, tables(Placement.LOCAL))
    yield HEAD
    yield "-- Writers are stopped. It ends at the first error; mend that and begin with a new plan."
    yield from _checked(found, set(spread))
    yield "-- Every node has this database, empty and with the extension, and is added before:"
    yield "--   SELECT citus_set_coordinator_host(...); SELECT citus_add_node(...);"
    yield "CREATE EXTENSION IF NOT EXISTS citus;"
    yield "-- Until the tables are distributed nothing may connect them. Keys get the learner."
    for key in found.foreign_keys:
        yield f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name};"
    for unique in found.keys:
        yield from _with_learner(unique)
    yield from _distributed(spread, shared)
    yield "-- Foreign keys again: among learners' rows with the learner, and to what is shared."
    for key in found.foreign_keys:
        yield from _again(key, set(spread), set(shared))
    yield from _functions(found)
    yield from _guards(found)
    yield from _transactions()
    yield "-- On the coordinator alone: " + ", ".join(tables(Placement.LOCAL))


def _checked(found: Catalogue, spread: set[str]) -> Iterator[str]:
    yield "-- Triggers; some come back at the end."
    for table, name, *_ in found.triggers:
        yield f"DROP TRIGGER {name} ON {table};"
    yield "-- A learner's rows say whose they are, and agree on it."
    inner = [key for key in found.foreign_keys if {key.table, key.other} <= spread]
    yield from _filled_in(inner)
    yield from map(_agreement, inner)


def _distributed(spread: list[str], shared: list[str]) -> Iterator[str]:
    yield "-- What all learners share is copied to every node."
    for table in shared:
        yield f"SELECT create_reference_table('{table}');"
    yield f"-- Learners' rows, by {KEY}, all of a learner's on one node."
    for index, table in enumerate(spread):
        colocated = f", colocate_with => '{spread[0]}'" if index else ""
        yield f"SELECT create_distributed_table('{table}', '{KEY}'{colocated});"


def _functions(found: Catalogue) -> Iterator[str]:
    yield "-- Those that statements call must be on every node; those that make statements need"
    yield "-- plans by learner: a generic one doesn't know the node. Their setting also keeps SQL"
    yield "-- ones out of their callers' plans, in which Citus would not see the tables."
    for function, is_sql, reads_tables in found.functions:
        if is_sql:
            yield f"SELECT create_distributed_function('{function}');"
        if reads_tables:
            yield f"ALTER FUNCTION {function} SET plan_cache_mode = force_custom_plan;"


def _guards(found: Catalogue) -> Iterator[str]:
    yield "-- What refuses a change reads its own row and what every node has. What notes one is"
    yield "-- left out: it writes rows that are on the coordinator only."
    yield "SET citus.enable_unsafe_triggers = on;"
    for _, _, definition, refuses in found.triggers:
        if refuses:
            yield f"{definition};"


def _transactions() -> Iterator[str]:
    yield "-- A transaction that asked a node over several connections at once could not write what"
    yield "-- every node has any more. Holds for connections from now on."
    yield (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET citus.multi_shard_modify_mode ="
        " sequential', current_database()); END $$;"
    )


def is_distributed() -> bool:
    """Whether Citus keeps any of this database's tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition)")
        return cursor.fetchone()[0]


def _filled_in(keys: Iterable[ForeignKey]) -> Iterator[str]:
    """The learner of rows that were written before their tables had the column."""
    for key in keys:
        model = next(each for each in apps.get_models() if each._meta.db_table == key.table)
        if model._meta.get_field(LEARNER).null:
            pairs = [f"own.{own} = parent.{other}" for own, other in _pairs(key)]
            yield (
                f"UPDATE {key.table} AS own SET {KEY} = parent.{KEY} FROM {key.other} AS parent"
                f" WHERE own.{KEY} IS NULL AND {' AND '.join(pairs)};"
            )


def _agreement(key: ForeignKey) -> str:
    pairs = [f"a.{own} = b.{other}" for own, other in _pairs(key)]
    return (
        f"DO $$ BEGIN IF EXISTS (SELECT FROM {key.table} a JOIN {key.other} b"
        f" ON {' AND '.join(pairs)} WHERE a.{KEY} <> b.{KEY}) THEN"
        f" RAISE 'rows of {key.table} and {key.other} disagree on {KEY}'; END IF; END $$;"
    )


def _pairs(key: ForeignKey) -> Iterable[tuple[str, str]]:
    return zip(key.columns, key.other_columns, strict=True)


def _with_learner(key: Key) -> Iterator[str]:
    if key.kind == "i":
        yield f"DROP INDEX {key.name};"
        head, _, rest = key.definition.replace(" ONLY ", " ").partition("(")
        yield f"{head}({KEY}, {rest};"
    else:
        head, _, rest = key.definition.partition("(")
        yield f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name};"
        yield f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {head}({KEY}, {rest};"


def _again(key: ForeignKey, spread: set[str], shared: set[str]) -> Iterator[str]:
    pairs = list(_pairs(key))
    if {key.table, key.other} <= spread:
        pairs = [(KEY, KEY), *pairs]
    elif key.other not in shared:
        yield f"-- Not {key.table}.{', '.join(key.columns)}: only a learner's row can point there."
        return
    own, other = (", ".join(columns) for columns in zip(*pairs, strict=True))
    yield (
        f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} FOREIGN KEY ({own})"
        f" REFERENCES {key.other} ({other}){key.timing};"
    )


def read_catalogue(spread: list[str], shared: list[str], local: list[str]) -> Catalogue:
    """Reads what the plan has to change."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass::text, conname, own.names, confrelid::regclass::text,
                other.names,
                substring(pg_get_constraintdef(pg_constraint.oid) FROM ' DEFERRABLE.*$')
            FROM pg_constraint
            CROSS JOIN LATERAL (
                SELECT array_agg(attname::text ORDER BY at) AS names
                FROM unnest(conkey) WITH ORDINALITY AS key (attnum, at)
                JOIN pg_attribute a USING (attnum) WHERE attrelid = conrelid
            ) AS own
            CROSS JOIN LATERAL (
                SELECT array_agg(attname::text ORDER BY at) AS names
                FROM unnest(confkey) WITH ORDINALITY AS key (attnum, at)
                JOIN pg_attribute a USING (attnum) WHERE attrelid = confrelid
            ) AS other
            WHERE contype = 'f' AND conparentid = 0
            AND (conrelid = ANY(%(spread)s::regclass[]) OR confrelid = ANY(%(spread)s::regclass[]))
            ORDER BY 1, 2
            """,
            {"spread": spread},
        )
        foreign_keys = [
            ForeignKey(table, name, tuple(own), other, tuple(others), timing or "")
            for table, name, own, other, others, timing in cursor.fetchall()
        ]
        cursor.execute(
            """
            SELECT indrelid::regclass::text, indexrelid::regclass::text,
                coalesce(contype::text, 'i'),
                coalesce(pg_get_constraintdef(pg_constraint.oid), pg_get_indexdef(indexrelid))
            FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
                AND conrelid = indrelid AND contype IN ('p', 'u')
            WHERE indrelid = ANY(%s::regclass[]) AND indisunique AND NOT EXISTS (
                SELECT FROM pg_attribute
                WHERE attrelid = indrelid AND attnum = ANY(indkey) AND attname = %s)
            ORDER BY 1, 2
            """,
            [spread, KEY],
        )
        keys = [Key(*row) for row in cursor.fetchall()]
        cursor.execute(
            # A local table that refers to a shared one is looked after by Citus, too. Its rows and
            # triggers are then on a shard of another name, under which changes would be noted.
            "SELECT tgrelid::regclass::text, tgname::text, pg_get_triggerdef(pg_trigger.oid),"
            " prosrc LIKE %s AND prosrc NOT LIKE %s"
            " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"
            " AND (tgrelid = ANY(%s::regclass[])"
            " OR tgrelid = ANY(%s::regclass[]) AND prosrc LIKE %s) ORDER BY 1, 2",
            ["%RAISE EXCEPTION%", "%INSERT INTO%", [*spread, *shared], local, "%TG_TABLE_NAME%"],
        )
        triggers = cursor.fetchall()
        cursor.execute(
            # What is written as RETURN, of expressions only, has no text.
            "SELECT pg_proc.oid::regprocedure::text, lanname = 'sql', prosrc <> '' FROM pg_proc"
            " JOIN pg_language ON pg_language.oid = prolang WHERE proname ~ %s ORDER BY 1",
            [FUNCTIONS],
        )
        return Catalogue(foreign_keys, keys, triggers, cursor.fetchall())
