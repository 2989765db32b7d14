"""Triggers that note each change of a row in `RowChange`; used by migrations."""

_NOTE = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    VALUES (TG_TABLE_NAME, NEW.{column}, pg_current_xact_id()::text::bigint, clock_timestamp(),
        false)
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
"""
_DELETION = """
-- The table's argument is the column that holds the id.
CREATE FUNCTION progress_note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted, course_id, user_id)
    VALUES (TG_TABLE_NAME, (gone->>TG_ARGV[0])::bigint, pg_current_xact_id()::text::bigint,
        clock_timestamp(), true, (gone->>'course_id')::bigint,
        coalesce(gone->>'user_id', gone->>'owner_id')::bigint)
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = true, course_id = EXCLUDED.course_id,
        user_id = EXCLUDED.user_id;
    RETURN NULL;
END $$;
"""


def function(id_column: str) -> str:
    """The SQL of the function that notes a row which `id_column` names."""
    return _NOTE.format(name=_name(id_column), column=id_column)


def _name(id_column: str) -> str:
    return f"progress_note_by_{id_column}"


FUNCTIONS = function("id") + function("enrollment_id") + _DELETION
DROP_FUNCTIONS = """
DROP FUNCTION progress_note_deletion();
DROP FUNCTION progress_note_by_enrollment_id();
DROP FUNCTION progress_note_by_id();
"""
# Rows that no trigger has noted count as changed before this moment.
BEGINNING = """
DO $$ BEGIN
    EXECUTE format('CREATE FUNCTION progress_changes_began() RETURNS timestamptz IMMUTABLE'
        ' LANGUAGE sql AS %L', format('SELECT %L::timestamptz', clock_timestamp()));
END $$;
"""
DROP_BEGINNING = "DROP FUNCTION progress_changes_began();"


def create(
    table: str,
    id_column: str = "id",
    columns: str = "",
    *,
    inserts: bool = True,
    deletes: bool = True,
) -> str:
    """The SQL that notes new, changed and deleted rows of a table.

    With `columns` (`"email, full_name"`) only updates that change one of them count.
    """
    old = ", ".join(f"OLD.{name.strip()}" for name in columns.split(",")) if columns else "OLD.*"
    note = _name(id_column)
    sql = f"""
CREATE TRIGGER note_changed AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (ROW({old}) IS DISTINCT FROM ROW({old.replace("OLD.", "NEW.")}))
    EXECUTE FUNCTION {note}();
"""
    if inserts:
        sql += f"""
CREATE TRIGGER note_new AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {note}();
"""
    if deletes:
        sql += f"""
CREATE TRIGGER note_deleted AFTER DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION progress_note_deletion('{id_column}');
"""
    return sql


def drop(table: str) -> str:
    names = ("note_changed", "note_new", "note_deleted")
    return "".join(f"DROP TRIGGER IF EXISTS {name} ON {table};\n" for name in names)
