"""Reading many rows in constant memory, inside a transaction.

`QuerySet.iterator()` has the client fetch the whole result before the first row: cursors of the
server are off (DISABLE_SERVER_SIDE_CURSORS), since a pooler that lends connections by the
transaction can't keep one between two of them. Within one transaction it can.
"""

from collections.abc import Iterator

from django.db import connections
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

CHUNK = 2000


def streamed(rows: QuerySet, *, chunk_size: int = CHUNK) -> Iterator:
    """The rows, `chunk_size` at a time from a cursor of the server.

    Raises TransactionManagementError outside a transaction. Prefetches nothing.
    """
    if not connections[rows.db].in_atomic_block:
        raise TransactionManagementError("Rows are streamed within a transaction.")
    yield from rows._iterable_class(rows.all(), chunked_fetch=True, chunk_size=chunk_size)
