"""The distribution plan tried out: on a database that is made for it and dropped afterwards.

That database is migrated and empty, on this server, and its own Citus of one node. The plan is run
there statement by statement. The real database is only asked for its own plan.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.db import connection

from .distribution_plan import plan


class RehearsalFailed(Exception):
    """What went wrong, for the operator."""


def rehearse(report: Callable[[str], object]) -> None:
    """Run the plan on a database of its own; `report` gets each statement. Raises
    RehearsalFailed."""
    with _database() as address:
        _manage(address, "migrate", "--verbosity", "0")
        lines = _manage(address, "distribution_plan").splitlines()
        if lines != list(plan()):
            raise RehearsalFailed(
                "This database's tables differ from those that its migrations make: the plan of a "
                "freshly migrated one is another. Find out why before you go on."
            )
        statements = [line for line in lines if not line.startswith(("--", "\\"))]
        began = time.monotonic()
        with closing(psycopg2.connect(address)) as tried:
            tried.autocommit = True
            with tried.cursor() as cursor:
                for statement in statements:
                    report(_run(cursor, statement))
        took = time.monotonic() - began
        report(f"Every statement succeeded: {len(statements)} in {took:.0f} s, on empty tables.")


def _run(cursor, statement: str) -> str:
    began = time.monotonic()
    try:
        cursor.execute(statement)
    except psycopg2.Error as error:
        raise RehearsalFailed(f"{statement}\n{error}") from error
    return f"{time.monotonic() - began:6.2f} s  {statement}"


@contextmanager
def _database() -> Iterator[str]:
    """The address of a new database on this server, which is gone at the end."""
    name = f"{connection.settings_dict['NAME']}_rehearsal_{secrets.token_hex(4)}"
    quoted = connection.ops.quote_name(name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {quoted}")
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _manage(address: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address, "DATABASE_DISTRIBUTED": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RehearsalFailed(f"{arguments[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout
