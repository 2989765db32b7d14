"""Databases that are migrated to be written down or compared, and then dropped."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.core.management.base import CommandError

from analytics.warehouse import making as warehouse
from lms_progress.embedded import postgres
from lms_progress.embedded.state import CHECKOUT

from .baseline import FILLED_AFTER_MIGRATING, PARTITIONS


@contextmanager
def database(connection) -> Iterator[str]:
    """The address of an empty database beside the one of DATABASE_URL, on the same server."""
    name = f"scratch_{secrets.token_hex(6)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name} (FORCE)")


def migrate(address: str, *arguments: str) -> None:
    """Runs `manage.py migrate` on that database. Raises CommandError if it fails."""
    # Not the settings of tests, whose processes each start servers of their own.
    settings = {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    _run([sys.executable, "manage.py", "migrate", "--verbosity", "0", *arguments], settings)


def dump(address: str, *, partitions: bool = False) -> str:
    """What pg_dump prints of that database, without the rows that `baseline.sql` leaves out.

    The tables of months are left out as well, unless `partitions` asks for them.
    """
    without = [f"--exclude-table-data={name}" for name in FILLED_AFTER_MIGRATING]
    without.append(f"--exclude-schema={warehouse.SCHEMA}")  # made after every `migrate`
    if not partitions:
        without.append(f"--exclude-table={PARTITIONS}")
    return _run(
        [
            *(postgres.client_program("pg_dump"), "--no-owner", "--no-privileges"),
            *("--column-inserts", "--rows-per-insert=1000"),
            *(*without, address),
        ],
        {"PGTZ": "UTC", "PGCLIENTENCODING": "UTF8"},
    )


def _run(command: list, extra: dict[str, str]) -> str:
    result = subprocess.run(
        command,
        cwd=CHECKOUT,
        env=os.environ | extra,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise CommandError(f"{command[:3]} failed:\n{result.stderr}")
    return result.stdout
