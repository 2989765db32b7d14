"""An empty database gets its tables from one file, which holds what the migrations build."""

import re
import threading
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from lms_progress.schema import baseline, scratch

REWRITE = ".venv/bin/python manage.py write_baseline"
# Each one later makes a new installation slower; then the file is written anew.
MAX_LATER = 15

# What each app registers after every migrate, without the ids that depend on the order.
REGISTERED = """
    SELECT 'permission', c.app_label, c.model, p.codename, p.name
        FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
    UNION ALL SELECT 'job', name, '', '', '' FROM progress_job
    UNION ALL SELECT 'schedule', t.name,
        (to_jsonb(t) - '{id,date_changed,crontab_id,interval_id}'::text[])::text,
        coalesce((to_jsonb(c) - 'id')::text, ''), coalesce((to_jsonb(i) - 'id')::text, '')
        FROM django_celery_beat_periodictask t
        LEFT JOIN django_celery_beat_crontabschedule c ON c.id = t.crontab_id
        LEFT JOIN django_celery_beat_intervalschedule i ON i.id = t.interval_id
"""


def rows(address, query):
    reading = psycopg2.connect(address)
    try:
        with reading.cursor() as cursor:
            cursor.execute(query)
            return sorted(cursor.fetchall())
    finally:
        reading.close()


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The addresses of two new databases: one by the file, one by each migration in turn."""
    with (
        django_db_blocker.unblock(),
        scratch.database(connection) as by_file,
        scratch.database(connection) as by_migrations,
    ):
        scratch.migrate(by_file)
        scratch.migrate(by_migrations, "--no-baseline")
        yield by_file, by_migrations


def schema(address):
    """Every table and its first rows; the order of migrations differs once some are later."""
    text = baseline.text(scratch.dump(address), connection.pg_version)
    return re.sub(r"INSERT INTO public\.django_migrations (?s:.*?);\n", "", text).splitlines()


def test_the_file_builds_the_tables_and_rows_that_the_migrations_build(built):
    by_file, by_migrations = built
    assert schema(by_file) == schema(by_migrations), f"{baseline.FILE} is old: {REWRITE}"


def test_the_file_makes_the_partitions_that_the_migrations_make(built):
    by_file, by_migrations = (
        baseline.text(scratch.dump(address, f"--table={baseline.PARTITIONS}"), 0)
        for address in built
    )
    assert by_file.count("ATTACH PARTITION") >= 5
    assert by_file.splitlines() == by_migrations.splitlines()


@pytest.mark.parametrize(
    "query",
    ["SELECT app, name FROM django_migrations", REGISTERED],
    ids=["applied migrations", "what apps register"],
)
def test_the_file_leaves_the_same_rows(built, query):
    by_file, by_migrations = (rows(address, query) for address in built)
    assert len(by_file) > 50
    assert by_file == by_migrations


def test_the_file_holds_no_moment_of_its_making(built):
    oldest = "SELECT min(applied) > now() - interval '1 hour' FROM django_migrations"
    assert rows(built[0], oldest) == [(True,)]


def test_few_migrations_are_later_than_the_file():
    later = set(MigrationLoader(None).disk_migrations) - baseline.migrations()
    assert len(later) <= MAX_LATER, f"{sorted(later)} are later than {baseline.FILE}: {REWRITE}"


@pytest.fixture
def empty_database(django_db_setup, django_db_blocker):
    """The alias of an empty database."""
    with django_db_blocker.unblock(), scratch.database(connection) as address:
        connections.databases["empty"] = connection.settings_dict | {
            "NAME": urlsplit(address).path.lstrip("/")
        }
        yield "empty"
        connections["empty"].close()
        del connections["empty"]
        del connections.databases["empty"]


def tables(alias):
    with connections[alias].cursor() as cursor:
        return set(connections[alias].introspection.table_names(cursor))


def test_a_later_migration_is_run_as_usual(empty_database, tmp_path, monkeypatch):
    older = tmp_path / "baseline.sql"
    # It changes no table, so that the rest of the file is what its predecessors build.
    name = "0022_plain_words"
    text, count = re.subn(
        rf"\n\t\(\d+, 'progress', '{name}', now\(\)\),", "", baseline.FILE.read_text()
    )
    assert count == 1
    older.write_text(text)
    monkeypatch.setattr(baseline, "FILE", older)
    call_command("migrate", database=empty_database, verbosity=0)
    with connections[empty_database].cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == (name,)


def test_a_database_with_a_table_is_left_alone(empty_database):
    with connections[empty_database].cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id int)")
    assert not baseline.load(connections[empty_database])
    assert tables(empty_database) == {"mine"}


def test_an_extension_in_the_database_does_not_matter(empty_database):
    with connections[empty_database].cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_stat_statements")
    assert baseline.load(connections[empty_database])


@pytest.mark.parametrize("options", [{"plan": True}, {"check_unapplied": True}])
def test_what_only_looks_builds_nothing(empty_database, options):
    try:
        call_command("migrate", database=empty_database, verbosity=0, **options)
    except SystemExit as ended:
        assert ended.code == 1  # some migrations aren't applied
    assert tables(empty_database) == set()


def test_of_two_that_migrate_at_once_one_builds(empty_database):
    results = []

    def load():
        results.append(baseline.load(connections[empty_database]))
        connections[empty_database].close()

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]


@pytest.mark.parametrize(("version", "is_loaded"), [(17_0004, False), (18_0006, True)])
def test_an_older_server_runs_the_migrations(empty_database, monkeypatch, version, is_loaded):
    monkeypatch.setattr(connections[empty_database], "pg_version", version)
    assert baseline.load(connections[empty_database]) is is_loaded
