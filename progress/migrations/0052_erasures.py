"""Erasing test data: a record of it, and what refuses to delete real records lets go of tests'."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A waiver stays as it was granted, unless its learner is erased, and has proved nothing.
WAIVERS = """
CREATE OR REPLACE FUNCTION progress_waiver_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.declined_at IS NULL AND NEW.declined_at IS NOT NULL
       AND to_jsonb(NEW) - 'declined_at' = to_jsonb(OLD) - 'declined_at' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM progress_user u WHERE u.id = OLD.user_id AND u.is_test
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a waiver stays as it was granted; it can be declined, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
WAIVERS_BEFORE = """
CREATE OR REPLACE FUNCTION progress_waiver_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.declined_at IS NULL AND NEW.declined_at IS NOT NULL
       AND to_jsonb(NEW) - 'declined_at' = to_jsonb(OLD) - 'declined_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a waiver stays as it was granted; it can be declined, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

# A completion elsewhere stays as it was recorded, unless its learner is erased.
OUTSIDE = """
CREATE OR REPLACE FUNCTION progress_outside_completion_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    withdrawal text[] := '{withdrawn_at,withdrawn_by_id,withdrawn_key,withdrawal_reason}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
       AND to_jsonb(NEW) - withdrawal = to_jsonb(OLD) - withdrawal THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM progress_user u WHERE u.id = OLD.user_id AND u.is_test
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an outside completion stays as it was recorded; it can be withdrawn, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
OUTSIDE_BEFORE = """
CREATE OR REPLACE FUNCTION progress_outside_completion_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    withdrawal text[] := '{withdrawn_at,withdrawn_by_id,withdrawn_key,withdrawal_reason}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
       AND to_jsonb(NEW) - withdrawal = to_jsonb(OLD) - withdrawal THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an outside completion stays as it was recorded; it can be withdrawn, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

# As before, and of rows that have no learner: whether their course was a test.
NOTE_DELETION = """
CREATE OR REPLACE FUNCTION progress_note_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
    learner bigint := coalesce(gone->>'user_id', gone->>'owner_id')::bigint;
    course bigint := (gone->>'course_id')::bigint;
BEGIN
    INSERT INTO progress_rowchange AS known
        (table_name, row_id, transaction_id, changed_at, is_deleted, course_id, user_id, is_test)
    VALUES (TG_TABLE_NAME, (gone->>TG_ARGV[0])::bigint, pg_current_xact_id()::text::bigint,
        clock_timestamp(), true, course, learner,
        coalesce((gone->>'is_test')::boolean,
            EXISTS (SELECT FROM progress_user u WHERE u.id = learner AND u.is_test)
            OR EXISTS (SELECT FROM progress_course c WHERE c.id = course AND c.is_test)))
    ON CONFLICT (table_name, row_id) DO UPDATE SET transaction_id = EXCLUDED.transaction_id,
        changed_at = EXCLUDED.changed_at, is_deleted = true, course_id = EXCLUDED.course_id,
        user_id = EXCLUDED.user_id, is_test = EXCLUDED.is_test;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("progress", "0051_test_marks")]

    operations = [
        migrations.RunSQL(WAIVERS, WAIVERS_BEFORE),
        migrations.RunSQL(OUTSIDE, OUTSIDE_BEFORE),
        migrations.RunSQL(NOTE_DELETION, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="asked for")),
                (
                    "learner_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, null=True, size=None
                    ),
                ),
                (
                    "course_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, null=True, size=None
                    ),
                ),
                ("learners", models.PositiveIntegerField(default=0, verbose_name="learners")),
                ("courses", models.PositiveIntegerField(default=0, verbose_name="courses")),
                ("rows", models.PositiveBigIntegerField(default=0, verbose_name="rows")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished"),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasing of test data",
                "verbose_name_plural": "erasings of test data",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)),
                        fields=["id"],
                        name="erasure_unfinished",
                    )
                ],
            },
        ),
    ]
