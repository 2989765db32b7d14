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
    """Every statement that makes such a database, as PostgreSQL writes it when it has read it.

    It writes some conditions otherwise than a migration did. The order in which migrations ran is
    left out: it differs once some are later than the file.
    """
    with scratch.database(connection) as copied:
        copying = psycopg2.connect(copied)
        with copying, copying.cursor() as cursor:
            baseline.build(cursor, baseline.text(scratch.dump(address, partitions=True), 0))
        copying.close()
        text = baseline.text(scratch.dump(copied, partitions=True), 0)
    return re.sub(r"INSERT INTO public\.django_migrations (?s:.*?);\n", "", text).splitlines()


def test_the_file_builds_what_the_migrations_build(built, django_db_blocker):
    with django_db_blocker.unblock():
        by_file, by_migrations = (schema(address) for address in built)
    assert sum("TABLE ONLY public.progress_contentinteraction ATTACH" in x for x in by_file) > 5
    assert by_file == by_migrations, f"{baseline.FILE} is old: {REWRITE}"


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


LATER = """
from django.db import migrations
class Migration(migrations.Migration):
    operations = [migrations.RunSQL("CREATE TABLE later (id int)")]
"""


def test_a_later_migration_is_run_as_usual(empty_database, tmp_path, monkeypatch, settings):
    package = tmp_path / "later_migrations"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "0001_initial.py").write_text(LATER)
    monkeypatch.syspath_prepend(tmp_path)
    # An app that has none of its own.
    settings.MIGRATION_MODULES = {"demo": "later_migrations"}
    call_command("migrate", database=empty_database, verbosity=0)
    assert {"later", "progress_course"} <= tables(empty_database)
    with connections[empty_database].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'demo'")
        assert cursor.fetchone() == (1,)


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
