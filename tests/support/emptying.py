"""Empties the database after a test that committed what it wrote.

Django truncates every table and then makes content types and permissions anew, which takes seconds
with a hundred tables and their partitions. Here only the tables that have rows are emptied, and
what the jobs register after migrating is put back as it was.
"""

from django.conf import settings
from django.db import connections, transaction
from django.test import TransactionTestCase

from progress.jobs import register
from progress.operations.locking import retried

# Made by migrating, and the same for every test.
KEPT = {"django_content_type", "auth_permission"}
_django_teardown = TransactionTestCase._fixture_teardown


def install():
    """Use `empty` after every transactional test."""
    TransactionTestCase._fixture_teardown = _teardown


def _teardown(case):
    for alias in case._databases_names(include_mirrors=False):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            is_superuser = cursor.fetchone() == (True,)
        if is_superuser:
            empty(connections[alias])
            register_jobs(connections[alias])
        else:
            # Foreign keys can't be set aside, so that all tables must be truncated together.
            _django_teardown(case)


@retried  # a process that still writes what a test caused may be in the way of the locks
def empty(connection):
    """Delete every row of every model's table, except in `KEPT`."""
    tables = _tables(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # What another process is about to commit must be seen, or the next test would find it.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        filled = _filled(cursor, tables)
        if filled:
            _set_checks_aside(cursor)
            cursor.execute("; ".join(f"DELETE FROM {table}" for table in filled))


def _set_checks_aside(cursor):
    """No trigger and no foreign key is in the way until the transaction ends, on any machine."""
    if settings.DATABASE_DISTRIBUTED:
        cursor.execute("SET LOCAL citus.propagate_set_commands = 'local'")
    cursor.execute("SET LOCAL session_replication_role = replica")


def _tables(connection):
    quote = connection.ops.quote_name
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [quote(name) for name in sorted(set(names) - KEPT)]


def _filled(cursor, tables):
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables
        )
    )
    return [table for (table,) in cursor.fetchall()]


# The rows of an empty database after `register`, by table, as JSON.
_registered = {}


def register_jobs(connection):
    """Do in an empty database what `register` does, from the second time on with the rows that it
    made the first time: one by one they took most of the time that emptying takes."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if not _registered:
            register()
            for table in _filled(cursor, _tables(connection)):
                cursor.execute(f"SELECT jsonb_agg(to_jsonb(own))::text FROM {table} own")
                _registered[table] = cursor.fetchone()[0]
            return
        _set_checks_aside(cursor)
        for table, rows in _registered.items():
            found = f"jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {found}", [rows])
