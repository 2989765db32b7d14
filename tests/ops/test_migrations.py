"""Migrations run while the old code serves: none may hold a hot table for long.

The rules are in docs/operations.md. What is read here is the SQL that Django would run.
"""

import re
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from progress.operations import distribution

LEARNERS = distribution.tables(distribution.Placement.DISTRIBUTED)
HOT = {table for table in LEARNERS if table.startswith("progress_")}
HOT |= {"progress_outboxmessage", "progress_user"}
OURS = ("progress", "analytics", "authoring", "certificates", "connections")
# Up to here the tables were empty, on every machine.
FIRST_RELEASE = {"progress": 8}

# What scans or rewrites a table, or waits for it, while everybody else waits.
LONG = {
    "an index is built with CONCURRENTLY": r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)",
    "an index is dropped with CONCURRENTLY": r"DROP INDEX (?!CONCURRENTLY)",
    "a check or foreign key is added NOT VALID, and validated by itself": (
        r"ADD CONSTRAINT (?!.*NOT VALID).*(CHECK|FOREIGN KEY)"
    ),
    "a unique constraint is made of an index that is there": (
        r"ADD CONSTRAINT (?!.*USING INDEX).*(UNIQUE|PRIMARY KEY)"
    ),
    "a column keeps its type": r"ALTER COLUMN .* TYPE ",
    "NOT NULL comes by a validated check": r"ALTER COLUMN .* SET NOT NULL",
    "a new column is generated, or serial, in a new table only": (
        r"ADD COLUMN .*(GENERATED|serial)"
    ),
    "a new column is null or has a default in the database": (
        r"ADD COLUMN (?!.*DEFAULT).*NOT NULL"
    ),
    "a column is taken from the code one release before it is dropped": r"DROP COLUMN|RENAME",
}


def long_locks(sql: str) -> list[tuple[str, str]]:
    """The statements that hold a hot table for long, each with the rule that it breaks."""
    broken = []
    hot = HOT - set(re.findall(r'CREATE TABLE "(\w+)"', sql))  # what is new is empty
    for statement in re.split(r";\s*(?:\n|$)", re.sub(r"(?m)^--.*$", "", sql)):
        words = " ".join(statement.split())
        # Of a constraint, the table that gets it; the one it points to is held for a moment only.
        named = re.split(r" REFERENCES ", words)[0]
        # An index is dropped by its own name.
        is_hot = any(f'"{table}"' in named or f"{table} " in named for table in hot)
        if is_hot or named.startswith("DROP INDEX"):
            broken += [(rule, words) for rule, seen in LONG.items() if re.search(seen, words)]
    return broken


def migrations() -> list[tuple[str, str]]:
    """Ours that came after the first release."""
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted(
        (app, name)
        for app, name in found
        if app in OURS and int(name[:4]) > FIRST_RELEASE.get(app, 0)
    )


def sql_of(app: str, name: str) -> str:
    out = StringIO()
    call_command("sqlmigrate", app, name, stdout=out, no_color=True)
    return out.getvalue()


@pytest.mark.django_db
def test_no_migration_holds_a_hot_table_for_long():
    assert {
        f"{app}.{name}": broken
        for app, name in migrations()
        if (broken := long_locks(sql_of(app, name)))
    } == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0004_session_by_end", "0008_keys_by_learner"])
def test_the_check_sees_what_was_done_to_empty_tables(name):
    assert long_locks(sql_of("progress", name))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0003_schedule", "0006_jobs", "0007_nightly_jobs"])
def test_new_tables_and_columns_with_a_default_are_allowed(name):
    assert long_locks(sql_of("progress", name)) == []


@pytest.mark.parametrize(
    ("sql", "is_long"),
    [
        ('CREATE INDEX "a" ON "progress_user" ("b")', True),
        ('CREATE INDEX CONCURRENTLY "a" ON "progress_user" ("b")', False),
        ('CREATE INDEX "a" ON "progress_job" ("b")', False),
        ('DROP INDEX IF EXISTS "a"', True),
        ('DROP INDEX CONCURRENTLY IF EXISTS "a"', False),
        ('ALTER TABLE "progress_user" ADD CONSTRAINT "a" CHECK (b > 0)', True),
        ('ALTER TABLE "progress_user" ADD CONSTRAINT "a" CHECK (b > 0) NOT VALID', False),
        ('ALTER TABLE "progress_user" VALIDATE CONSTRAINT "a"', False),
        ('ALTER TABLE "progress_user" ADD CONSTRAINT "a" UNIQUE ("b")', True),
        ('ALTER TABLE "progress_user" ADD CONSTRAINT "a" UNIQUE USING INDEX "b"', False),
        ('ALTER TABLE "progress_user" ALTER COLUMN "a" TYPE bigint', True),
        ('ALTER TABLE "progress_user" ALTER COLUMN "a" SET NOT NULL', True),
        ('ALTER TABLE "progress_user" ADD COLUMN "a" integer NOT NULL', True),
        ('ALTER TABLE "progress_user" ADD COLUMN "a" integer DEFAULT 0 NOT NULL', False),
        ('ALTER TABLE "progress_user" ADD COLUMN "a" integer NULL', False),
        ('ALTER TABLE "progress_user" ADD COLUMN "a" int GENERATED ALWAYS AS (1) STORED', True),
        ('ALTER TABLE "progress_user" DROP COLUMN "a" CASCADE', True),
        (
            'ALTER TABLE "mine" ADD CONSTRAINT "a" FOREIGN KEY ("b") REFERENCES "progress_user"'
            ' ("id")',
            False,
        ),
    ],
)
def test_which_statements_hold_a_table_for_long(sql, is_long):
    assert bool(long_locks(sql + ";\n")) is is_long


def test_hot_tables_are_tables():
    known = {model._meta.db_table for model in apps.get_models()}
    assert HOT - known == set()
    assert "progress_courseprogress" in HOT
