"""The evidence table's partitions: one for each month in which sessions started."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

TABLE = "progress_contentinteraction"
DEFAULT = f"{TABLE}_default"
NAME = re.compile(rf"{TABLE}_(\d{{4}})_(\d{{2}})")
# The hot tables are locked for a moment; a wait for the lock must not hold up others for long.
LOCK_TIMEOUT = "3s"


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A month's table; `month` is its first day."""

    month: date

    @property
    def name(self) -> str:
        return f"{TABLE}_{self.month:%Y_%m}"

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant, and the first one after."""
        return _midnight(self.month), _midnight(month_after(self.month))


def month_after(month: date, count: int = 1) -> date:
    """The first day of the month `count` months after (or, negative, before) that of `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def existing(*, using=connection) -> list[Partition]:
    """The months that have a partition, oldest first."""
    with using.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = %s::regclass",
            [TABLE],
        )
        matches = [NAME.fullmatch(name) for (name,) in cursor.fetchall()]
    return sorted(Partition(date(int(m[1]), int(m[2]), 1)) for m in matches if m)


def ensure(first: date, months: int, *, using=connection) -> list[str]:
    """Creates the missing partitions of `months` months, beginning with the month of `first`.

    Returns the names of those created. Safe to run twice, also at once. Each month is a short
    transaction of its own; raises OperationalError when it doesn't get its locks in time.
    """
    wanted = [Partition(month_after(first, offset)) for offset in range(months)]
    return [partition.name for partition in wanted if _make(partition, using)]


def ensure_first(*, using=connection) -> None:
    """Creates those of a new database: last month's, this month's and the next three."""
    ensure(month_after(timezone.now().date(), -1), 5, using=using)


def stray_months(*, using=connection) -> list[date]:
    """The months of rows in the default partition: theirs didn't exist when they came."""
    with using.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT date_trunc('month', session_started_at AT TIME ZONE 'UTC')::date"
            f" FROM {DEFAULT} ORDER BY 1"
        )
        return [month for (month,) in cursor.fetchall()]


def _make(partition: Partition, using) -> bool:
    with briefly_locked(using) as cursor:
        # Two callers at once would both find the table missing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TABLE])
        cursor.execute("SELECT to_regclass(%s)", [partition.name])
        if cursor.fetchone()[0] is not None:
            return False
        start, end = partition.bounds
        # Attached, not created as a partition: that would lock out every reader and writer.
        cursor.execute(
            f"CREATE TABLE {partition.name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        _move_strays(cursor, partition)
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {partition.name} FOR VALUES FROM (%s) TO (%s)",
            [start, end],
        )
    return True


def _move_strays(cursor, partition: Partition) -> None:
    """Moves the month's rows from the default partition."""
    within = "session_started_at >= %s AND session_started_at < %s"
    cursor.execute(
        f"SELECT EXISTS (SELECT 1 FROM {DEFAULT} WHERE {within})", list(partition.bounds)
    )
    if cursor.fetchone()[0]:
        # No more of them may be added before the partition is attached.
        cursor.execute(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {DEFAULT} WHERE {within} RETURNING *)"
            f" INSERT INTO {partition.name} SELECT * FROM moved",
            list(partition.bounds),
        )


def drop(partition: Partition, *, using=connection) -> None:
    """Detaches a partition from the table and drops it. Call it within `briefly_locked`."""
    with using.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {partition.name}")
        cursor.execute(f"DROP TABLE {partition.name}")


@contextmanager
def briefly_locked(using=connection) -> Iterator:
    """A cursor in a transaction that gives up soon when it can't get a lock."""
    with transaction.atomic(using=using.alias), using.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        if settings.DATABASE_DISTRIBUTED:
            # One shard after the other: at once, their locks would wait for each other.
            cursor.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
        yield cursor


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
