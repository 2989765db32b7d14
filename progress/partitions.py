"""The evidence table's partitions: one for each month in which sessions started."""

from datetime import date

from django.db import connection

TABLE = "progress_contentinteraction"


def month_after(month: date, count: int = 1) -> date:
    """The first day of the month `count` months after (or, negative, before) that of `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def ensure(first: date, months: int, *, using=connection) -> list[str]:
    """Create what is missing of the partitions of `months` months from `first`'s on.

    Returns the names of those created. Safe to run twice, also at once.
    """
    created = []
    with using.cursor() as cursor:
        # Two callers at once would both find the table missing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TABLE])
        for offset in range(months):
            start = month_after(first, offset)
            name = f"{TABLE}_{start:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF {TABLE} FOR VALUES FROM (%s) TO (%s)",
                    [f"{start:%Y-%m-%d} 00:00+00", f"{month_after(start):%Y-%m-%d} 00:00+00"],
                )
                created.append(name)
    return created
