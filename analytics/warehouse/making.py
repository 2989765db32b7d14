"""Makes the views after each migration, so that none stands in a migration's way."""

import logging
from pathlib import Path

from django.db import connections, transaction
from django.db.utils import ProgrammingError

logger = logging.getLogger(__name__)

SCHEMA = "warehouse"
FILE = Path(__file__).with_name("views.sql")
_INSUFFICIENT_PRIVILEGE = "42501"


def drop(using: str, plan: list, **_kwargs) -> None:
    """Drops the views before migrations, which couldn't change a column that one shows.

    Receives `pre_migrate`; without a migration nothing is dropped. An analyst's own view that
    selects from one of these stops it, with PostgreSQL's error, before anything has changed.
    """
    if not plan:
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT quote_ident(viewname) FROM pg_views WHERE schemaname = %s", [SCHEMA])
        names = [f"{SCHEMA}.{name}" for (name,) in cursor.fetchall()]
        if names:
            cursor.execute(f"DROP VIEW {', '.join(names)}")


def make(using: str, **_kwargs) -> None:
    """Makes the views as the file has them, in place where they are there.

    Receives `post_migrate`. A database role that may not create schemas goes without them.
    """
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            cursor.execute(FILE.read_text())
    except ProgrammingError as error:
        if getattr(error.__cause__, "pgcode", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        logger.warning("the views of docs/warehouse.md were not made: %s", error)
