"""Test learners, test courses and test keys, and what keeps them apart from the real ones."""

from django.db import migrations, models

# The mark is set when a row is made. Nothing turns a real learner's evidence into a test's, or a
# test's into evidence, whoever writes.
KEPT = """
CREATE FUNCTION progress_keep_test_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Whether % % is a test can not be changed.', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'test_mark_kept';
END $$;
CREATE TRIGGER test_mark_kept BEFORE UPDATE ON progress_user
    FOR EACH ROW WHEN (OLD.is_test IS DISTINCT FROM NEW.is_test)
    EXECUTE FUNCTION progress_keep_test_mark();
CREATE TRIGGER test_mark_kept BEFORE UPDATE ON progress_course
    FOR EACH ROW WHEN (OLD.is_test IS DISTINCT FROM NEW.is_test)
    EXECUTE FUNCTION progress_keep_test_mark();
"""
NOT_KEPT = """
DROP TRIGGER test_mark_kept ON progress_course;
DROP TRIGGER test_mark_kept ON progress_user;
DROP FUNCTION progress_keep_test_mark();
"""

# Both marks stay as they are, so what holds for a new row holds for good.
ENROLLED = """
CREATE FUNCTION progress_check_test_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM progress_course c JOIN progress_user u ON u.id = NEW.user_id
        WHERE c.id = NEW.course_id AND c.is_test AND NOT u.is_test
    ) THEN
        RAISE EXCEPTION 'Only test learners can be in the test course %.', NEW.course_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'test_course_only';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER test_course_only AFTER INSERT ON progress_enrollment
    FOR EACH ROW EXECUTE FUNCTION progress_check_test_course();
CREATE TRIGGER test_course_only AFTER INSERT ON progress_outsidecompletion
    FOR EACH ROW EXECUTE FUNCTION progress_check_test_course();
"""
NOT_ENROLLED = """
DROP TRIGGER test_course_only ON progress_outsidecompletion;
DROP TRIGGER test_course_only ON progress_enrollment;
DROP FUNCTION progress_check_test_course();
"""

# As before, and whether the row was a test's: its own mark, or its learner's.
NOTE_DELETION = """
CREATE OR REPLACE FUNCTION progress_note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
    learner bigint := coalesce(gone->>'user_id', gone->>'owner_id')::bigint;
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted, course_id, user_id, is_test)
    VALUES (TG_TABLE_NAME, (gone->>TG_ARGV[0])::bigint, pg_current_xact_id()::text::bigint,
        clock_timestamp(), true, (gone->>'course_id')::bigint, learner,
        coalesce((gone->>'is_test')::boolean,
            EXISTS (SELECT FROM progress_user u WHERE u.id = learner AND u.is_test)))
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = true, course_id = EXCLUDED.course_id,
        user_id = EXCLUDED.user_id, is_test = EXCLUDED.is_test;
    RETURN NULL;
END $$;
"""
NOTE_DELETION_BEFORE = """
CREATE OR REPLACE FUNCTION progress_note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
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

# As `progress_start_by_key_v1`; and a test key starts sessions of test learners, another key those
# of real ones.
START_BY_KEY = """
CREATE FUNCTION progress_start_by_key_v2(
    key_digest text, key_scopes text[], note_every interval, learner bigint, course bigint,
    wanted_module bigint, wanted_content bigint, device text, client_session uuid,
    new_session uuid, moment timestamptz, elapsed text
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    caller bigint;
    last_used timestamptz;
    started json;
BEGIN
    SELECT u.id, d.last_used_at INTO caller, last_used FROM knox_authtoken k
    JOIN progress_keydetails d ON d.token_id = k.digest
    JOIN progress_user u ON u.id = k.user_id
    WHERE k.digest = key_digest AND (k.expiry IS NULL OR k.expiry >= moment) AND u.is_active
    AND (d.scopes = '{}' OR d.scopes::text[] @> key_scopes)
    AND NOT EXISTS (
        SELECT 1 FROM progress_user l
        WHERE l.id = learner AND l.is_test <> (d.is_test OR u.is_test))
    AND (
        u.id = learner
        OR NOT u.is_staff AND NOT u.is_superuser AND EXISTS (
            SELECT 1 FROM auth_permission p
            JOIN django_content_type t ON t.id = p.content_type_id
            WHERE t.app_label = 'progress' AND p.codename = 'add_learningsession'
            AND (
                EXISTS (
                    SELECT 1 FROM progress_user_user_permissions own
                    WHERE own.user_id = u.id AND own.permission_id = p.id)
                OR EXISTS (
                    SELECT 1 FROM progress_user_groups member
                    JOIN auth_group_permissions granted ON granted.group_id = member.group_id
                    WHERE member.user_id = u.id AND granted.permission_id = p.id)
            )
        )
    );
    IF NOT FOUND THEN RETURN json_build_object('refused', 'caller'); END IF;
    started := progress_start_v1(
        learner, course, wanted_module, wanted_content, device, client_session, new_session,
        moment, elapsed)::json;
    IF started ->> 'refused' IS NULL AND (last_used IS NULL OR moment - last_used >= note_every)
    THEN
        -- Another request of the key may be noting it at this moment: then this one needn't.
        UPDATE progress_keydetails SET last_used_at = moment WHERE token_id = (
            SELECT d.token_id FROM progress_keydetails d WHERE d.token_id = key_digest
            FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN json_build_object('caller', caller, 'started', started);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("progress", "0050_teams")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_test",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Learns for trying things out, and is in no figure. It stays so.",
                verbose_name="test learner",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="is_test",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="For test learners only, and in no figure. It stays so.",
                verbose_name="test course",
            ),
        ),
        migrations.AddField(
            model_name="keydetails",
            name="is_test",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Works with test learners and test courses only, and marks what it creates.",
                verbose_name="test key",
            ),
        ),
        migrations.AddField(
            model_name="rowchange",
            name="is_test",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(KEPT, NOT_KEPT),
        migrations.RunSQL(ENROLLED, NOT_ENROLLED),
        migrations.RunSQL(NOTE_DELETION, NOTE_DELETION_BEFORE),
        migrations.RunSQL(START_BY_KEY, "DROP FUNCTION progress_start_by_key_v2;"),
    ]
