"""Changed progress is noted once for a statement, not row by row.

Every heartbeat changes its enrolment's time, so a group's one UPDATE of `progress_courseprogress`
ran the trigger, and the upsert in it, for each of its rows. Here one upsert notes all of them, in
the order of their ids, as everybody locks them.
"""

from django.db import migrations

from progress.operations import change_triggers

TOGETHER = """
CREATE FUNCTION progress_note_progress_v1() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    SELECT TG_TABLE_NAME, after.enrollment_id, pg_current_xact_id()::text::bigint,
        clock_timestamp(), false
    FROM after_update AS after JOIN before_update AS before USING (enrollment_id)
    WHERE (before.completion_bp, before.completed_at, before.time_ms)
        IS DISTINCT FROM (after.completion_bp, after.completed_at, after.time_ms)
    ORDER BY after.enrollment_id
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS note_changed ON progress_courseprogress;
CREATE TRIGGER note_changed AFTER UPDATE ON progress_courseprogress
    REFERENCING OLD TABLE AS before_update NEW TABLE AS after_update
    FOR EACH STATEMENT EXECUTE FUNCTION progress_note_progress_v1();
"""

ROW_BY_ROW = (
    "DROP TRIGGER IF EXISTS note_changed ON progress_courseprogress;"
    + change_triggers.create(
        "progress_courseprogress",
        "enrollment_id",
        "completion_bp, completed_at, time_ms",
        inserts=False,
        deletes=False,
    )
    + "DROP FUNCTION progress_note_progress_v1();"
)


class Migration(migrations.Migration):
    dependencies = [("progress", "0054_own_data_copies")]

    operations = [migrations.RunSQL(TOGETHER, ROW_BY_ROW)]
