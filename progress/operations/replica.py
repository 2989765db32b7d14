"""Reports read from a copy of the database, where there is one (DATABASE_REPLICA_URL).

A replica is a moment behind. So code reads from it only where it says so: a user who has just
written something must find it. What is stored or signed is always read from the primary: the
structure of courses, which ingest folds with, and every file that the organisation signs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

REPLICA = "replica"
_on_replica: ContextVar[bool] = ContextVar("on_replica", default=False)
_pinned: ContextVar[bool] = ContextVar("pinned", default=False)


@contextmanager
def on_replica() -> Iterator[None]:
    """Within it, what this thread reads comes from the replica, if there is one."""
    token = _on_replica.set(True)
    try:
        yield
    finally:
        _on_replica.reset(token)


@contextmanager
def on_primary() -> Iterator[None]:
    """Within it, this thread reads from the primary, also inside `on_replica`."""
    token = _pinned.set(True)
    try:
        yield
    finally:
        _pinned.reset(token)


class ReplicaRouter:
    """Django's router: reads that ask for it go to the replica, everything else to the primary."""

    def db_for_read(self, model, **hints) -> str | None:
        if _on_replica.get() and not _pinned.get() and REPLICA in settings.DATABASES:
            return REPLICA
        return None

    def db_for_write(self, model, **hints) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **hints) -> bool:
        return True  # both hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db != REPLICA
