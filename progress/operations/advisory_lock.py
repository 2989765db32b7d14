"""Work that is done once at a time, whichever process starts it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections


@contextmanager
def advisory_lock(*name: object) -> Iterator[bool]:
    """Holds the database's advisory lock of that name; False when another process holds it.

    The lock belongs to a transaction on a connection of its own, which does nothing else. So it
    spans the work's transactions, ends with a killed process, and works behind a pooler that lends
    connections by the transaction. It saves work; row locks guard what the work writes.
    """
    holder = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            key = ":".join(str(part) for part in name)
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key])
            is_ours = cursor.fetchone()[0]
        yield is_ours
    finally:
        try:
            # A pooler throws away a connection whose client leaves within a transaction.
            holder.rollback()
        except DatabaseError:
            pass  # the connection is gone, and the lock with it
        holder.close()
