from django.db import migrations

from progress.operations import change_triggers

# A new certificate may supersede the learner's earlier ones of the course.
NOTE_ALL = """
CREATE FUNCTION certificates_note_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted)
    SELECT TG_TABLE_NAME, id, pg_current_xact_id()::text::bigint, clock_timestamp(), false
        FROM certificates_certificate WHERE user_id = NEW.user_id AND course_id = NEW.course_id
        ORDER BY id
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = false;
    RETURN NULL;
END $$;
CREATE TRIGGER note_new AFTER INSERT ON certificates_certificate
    FOR EACH ROW EXECUTE FUNCTION certificates_note_new();
"""
TABLES = ("rendition", "revocation", "review")


def triggers() -> str:
    return (
        NOTE_ALL
        + change_triggers.create("certificates_certificate", inserts=False)
        + change_triggers.function("certificate_id")
        + "".join(
            change_triggers.create(f"certificates_{table}", "certificate_id", deletes=False)
            for table in TABLES
        )
    )


def no_triggers() -> str:
    tables = ("certificate", *TABLES)
    dropped = "".join(change_triggers.drop(f"certificates_{table}") for table in tables)
    functions = ("progress_note_by_certificate_id", "certificates_note_new")
    return dropped + "".join(f"DROP FUNCTION {name}();" for name in functions)


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0015_plain_words"),
        ("progress", "0026_row_changes"),
    ]

    operations = [migrations.RunSQL(triggers(), no_triggers())]
