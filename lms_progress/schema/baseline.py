"""Loads `baseline.sql` into an empty database, and makes that file.

Running every migration takes 20 s of CPU, nearly all of it for Django's models of each state in
between. The file holds what the migrations build, with the names of those that it stands for;
`migrate` then runs the later ones as usual. A database that has tables is never touched.
"""

import re
from pathlib import Path

from django.db import transaction

from progress.operations import partitions

FILE = Path(__file__).with_name("baseline.sql")
# Filled after every `migrate`, by what each app registers: not part of the file.
FILLED_AFTER_MIGRATING = (
    "auth_permission",
    "django_celery_beat_crontabschedule",
    "django_celery_beat_intervalschedule",
    "django_celery_beat_periodictask",
    "django_celery_beat_periodictasks",
    "django_content_type",
    "progress_job",
)
# Made when the file is loaded: which months they are for depends on the day.
PARTITIONS = f"{partitions.TABLE}_[0-9]*"

_HEADER = "-- Made by `manage.py write_baseline` with PostgreSQL {version}; not to be edited."
# Of a dump: headings with the blank lines around them, settings of its session, psql's own
# commands, and counters that are at their start or belong to what is left out.
_HEADING = re.compile(r"\n*^--\n-- .*\n--\n\n+", re.MULTILINE)
_NOISE = re.compile(
    r"^(SET \w+ = .*;|SELECT pg_catalog\.set_config\('search_path'.*|\\(un)?restrict .*"
    r"|SELECT pg_catalog\.setval\('.*', 1, false\);"
    rf"|SELECT pg_catalog\.setval\('public\.({'|'.join(FILLED_AFTER_MIGRATING)})_id_seq'.*"
    r"|-- Dumped .*)\n+",
    re.MULTILINE,
)
# When the migrations ran.
_MOMENT = re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00'")


def load(connection) -> bool:
    """Builds the tables in an empty database; returns whether it did."""
    if not _is_made_for(connection.pg_version):
        return False
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # Of two processes that migrate at once, the second finds the tables of the first.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lms_progress.schema'))")
        if not _is_empty(cursor):
            return False
        build(cursor, FILE.read_text())
        partitions.ensure_first(using=connection)
    return True


def build(cursor, statements: str) -> None:
    """Runs what `text` returned, in an empty database and within a transaction."""
    # A function may be written before the tables that it reads.
    cursor.execute("SET LOCAL check_function_bodies = off")
    cursor.execute(statements)


def text(dump: str, pg_version: int) -> str:
    """The file's text, from what pg_dump printed of a database that was just migrated."""
    statements = _NOISE.sub("", _HEADING.sub("\n", dump)).strip()
    header = _HEADER.format(version=pg_version // 10_000)
    return f"{header}\n{_MOMENT.sub('now()', statements)}\n"


def migrations() -> set[tuple[str, str]]:
    """App and name of each migration that the file stands for."""
    rows = re.findall(
        r"INSERT INTO public\.django_migrations .* VALUES(?s:.*?);\n", FILE.read_text()
    )
    return {pair for row in rows for pair in re.findall(r"\(\d+, '(\w+)', '(\w+)', ", row)}


def _is_made_for(pg_version: int) -> bool:
    """Whether the server is as new as the one that the file was made with."""
    if not FILE.exists():
        return False
    with open(FILE) as file:
        made_with = re.search(r"PostgreSQL (\d+)", file.readline())
    return made_with is not None and pg_version // 10_000 >= int(made_with[1])


def _is_empty(cursor) -> bool:
    """Whether nothing but extensions is in the schema that the file names, and it is in use."""
    cursor.execute(
        "SELECT current_schema() = 'public' AND NOT EXISTS (SELECT FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend"
        " WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'))"
    )
    return cursor.fetchone()[0]
