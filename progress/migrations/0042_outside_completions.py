import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from progress.operations import change_triggers

GUARD = """
CREATE FUNCTION progress_outside_completion_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER outside_completion_stays BEFORE UPDATE OR DELETE ON progress_outsidecompletion
    FOR EACH ROW EXECUTE FUNCTION progress_outside_completion_stays();
"""
UNGUARD = """
DROP TRIGGER outside_completion_stays ON progress_outsidecompletion;
DROP FUNCTION progress_outside_completion_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0041_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutsideCompletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "completed_on",
                    models.DateField(
                        help_text="A day of the learner's time zone.", verbose_name="completed on"
                    ),
                ),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        help_text="The last day; empty: for good.",
                        null=True,
                        verbose_name="valid until",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("previous_system", "Previous system"),
                            ("in_person", "Attended in person"),
                            ("outside_certificate", "Outside certificate"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "authority",
                    models.CharField(
                        help_text="Who says so outside: an institute, a trainer, a system.",
                        max_length=200,
                    ),
                ),
                (
                    "details",
                    models.CharField(blank=True, help_text="Needed for “Other”.", max_length=500),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="A certificate's or a file's number.", max_length=120
                    ),
                ),
                (
                    "score_bp",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="score"),
                ),
                ("holds_from", models.DateTimeField(editable=False)),
                ("holds_until", models.DateTimeField(editable=False, null=True)),
                ("recorded_at", models.DateTimeField(editable=False, verbose_name="recorded at")),
                (
                    "recorded_key",
                    models.CharField(
                        blank=True, editable=False, max_length=140, verbose_name="recorded with key"
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at"),
                ),
                (
                    "withdrawn_key",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=140,
                        verbose_name="withdrawn with key",
                    ),
                ),
                (
                    "withdrawal_reason",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="why it was withdrawn"
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outside_completions",
                        to="progress.course",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        help_text="Empty: a command on the server.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outside_completions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="learner",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="withdrawn by",
                    ),
                ),
            ],
            options={
                "verbose_name": "outside completion",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("user", "course", "completed_on"),
                        name="outside_completion_once_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "basis__in",
                                ["previous_system", "in_person", "outside_certificate", "other"],
                            )
                        ),
                        name="outside_completion_basis_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("authority", ""), _negated=True),
                        name="outside_completion_has_authority",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("basis", "other"), _negated=True),
                            models.Q(("details", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="outside_completion_other_is_said",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("score_bp", None), ("score_bp__lte", 10000), _connector="OR"
                        ),
                        name="outside_completion_score_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("holds_until", None), ("valid_until", None)),
                            models.Q(
                                ("holds_until__gt", models.F("holds_from")),
                                ("valid_until__gte", models.F("completed_on")),
                            ),
                            _connector="OR",
                        ),
                        name="outside_completion_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("holds_from__lte", models.F("recorded_at"))),
                        name="outside_completion_not_in_future",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawal_reason", ""), ("withdrawn_at", None)),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                models.Q(("withdrawal_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="outside_completion_withdrawn_with_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(
            change_triggers.create("progress_outsidecompletion"),
            change_triggers.drop("progress_outsidecompletion"),
        ),
    ]
