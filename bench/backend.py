"""The database's own process for this connection: what it costs."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def backend_seconds() -> float:
    """The CPU time so far of the server's process for Django's connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:13]) / TICK
