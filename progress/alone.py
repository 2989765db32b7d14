"""Work that is done once at a time, whoever starts it and wherever."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(*name: object) -> Iterator[bool]:
    """Hold the database's advisory lock of that name; False when somebody else is at it.

    The lock belongs to the connection, so it spans several transactions and ends with a killed
    process. Behind a pooler use one that keeps a connection for a client's whole session.
    """
    key = ":".join(str(part) for part in name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        is_ours = cursor.fetchone()[0]
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
