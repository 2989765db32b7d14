"""Makes a small database large: rows that the product itself wrote, many times over.

For each learner there are `times` copies, with everything of theirs: enrolment, progress, contents,
sessions and evidence. It is done inside the database, table by table, without its triggers.
"""

from django.db import connection, transaction

STEP = 10_000_000  # between the keys of a copy and those of the next
USER, ENROLMENT = "user_id + n * {step}", "enrollment_id + n * {step}"
SESSION = "md5(session_id::text || n)::uuid"
OWN = {"user_id": USER, "enrollment_id": ENROLMENT}

# In the order of the tables: what differs between a row and its n-th copy.
TABLES: dict[str, dict[str, str]] = {
    "progress_user": {
        "id": "id + n * {step}",
        "username": "username || '.' || n",
        "username_key": "username_key || '.' || n",
        "email": "n || email",
    },
    "progress_enrollment": {"id": "id + n * {step}", "user_id": USER},
    "progress_courseprogress": OWN,
    "progress_learningsession": OWN | {"session_id": SESSION, "client_session_id": "NULL"},
    "progress_contentprogress": OWN | {"id": "id + n * {step}"},
    "progress_contentinteraction": OWN | {"id": "id + n * {step}", "session_id": SESSION},
}
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
ORDER BY ordinal_position
"""


def multiply(times: int) -> dict[str, int]:
    """Add `times` copies of every learner. Returns the number of rows of each table."""
    counts = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, changed in TABLES.items():
            cursor.execute(_COLUMNS, [table])
            columns = [name for (name,) in cursor.fetchall()]
            values = ", ".join(changed.get(name, name).format(step=STEP) for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" SELECT {values} FROM {table}, generate_series(1, {int(times)}) AS n"
            )
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts
