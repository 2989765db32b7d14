import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION progress_waiver_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.declined_at IS NULL AND NEW.declined_at IS NOT NULL
       AND to_jsonb(NEW) - 'declined_at' = to_jsonb(OLD) - 'declined_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a waiver stays as it was granted; it can be declined, once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER waiver_stays BEFORE UPDATE OR DELETE ON progress_waiver
    FOR EACH ROW EXECUTE FUNCTION progress_waiver_stays();
"""
UNGUARD = """
DROP TRIGGER waiver_stays ON progress_waiver;
DROP FUNCTION progress_waiver_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0009_regrades"),
    ]

    operations = [
        migrations.CreateModel(
            name="Waiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("pre_test", "Pre-test passed"),
                            ("alternative", "Alternative completed"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "score_bp",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The best score in the pre-test, hundredths of a percent.",
                        null=True,
                    ),
                ),
                ("granted_at", models.DateTimeField()),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="content",
            name="alternative_group",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Of contents with the same name here, one is enough.",
                max_length=100,
            ),
        ),
        migrations.AddField(
            model_name="content",
            name="is_remedial",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Extra practice: the path brings it to those whose skill is weak.",
            ),
        ),
        migrations.AddField(
            model_name="content",
            name="waives",
            field=models.ManyToManyField(
                blank=True,
                help_text="A pre-test: who passes it need not do these.",
                related_name="waived_by",
                to="progress.content",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="path",
            field=models.CharField(
                choices=[("fixed", "Fixed"), ("adaptive", "Adaptive")],
                db_default="fixed",
                default="fixed",
                help_text="Fixed: the order below. Adaptive: in an order that suits each learner.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="courseprogress",
            name="waived",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                db_default=[],
                default=list,
                help_text="Contents that need not be done: those of the waivers in force.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="courseprogress",
            name="waivers_declined",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                db_default=[],
                default=list,
                help_text="Contents that the learner wants to learn all the same.",
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_remedial", False), ("required", False), _connector="OR"),
                name="content_remedial_is_optional",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(("path__in", ["fixed", "adaptive"])), name="course_path_known"
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="because",
            field=models.ForeignKey(
                db_index=False,
                help_text="The pre-test that was passed, or the alternative that was completed.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="progress.content",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="content",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="waivers",
                to="progress.content",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="enrollment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="waivers",
                to="progress.enrollment",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.UniqueConstraint(
                condition=models.Q(("declined_at", None)),
                fields=("user", "enrollment", "content"),
                name="waiver_in_force_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["pre_test", "alternative"])),
                name="waiver_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("content", models.F("because")), _negated=True),
                name="waiver_is_not_its_own_reason",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
