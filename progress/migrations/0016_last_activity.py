import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import progress.models.spans

SILENCE = "session_open_by_silence"


def by_silence(field):
    return models.Index(
        fields=[field], condition=models.Q(("end_time", None)), name="session_open_by_silence"
    )


class Migration(migrations.Migration):
    """A session ends at its last activity; an enrolment's older spans are kept apart.

    The column that moved with every event keeps its name and its values, and moves with activity
    only from now on. Spans are put away by the next event of each enrolment that has many.
    """

    dependencies = [
        ("progress", "0015_choice_codes"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="learningsession", name=SILENCE),
                migrations.RenameField(
                    model_name="learningsession",
                    old_name="last_event_at",
                    new_name="last_activity_at",
                ),
                migrations.AlterField(
                    model_name="learningsession",
                    name="last_activity_at",
                    field=models.DateTimeField(db_column="last_event_at"),
                ),
                migrations.AddIndex(
                    model_name="learningsession", index=by_silence("last_activity_at")
                ),
            ],
        ),
        migrations.AddField(
            model_name="learningsession",
            name="active_until",
            field=models.BigIntegerField(blank=True, help_text="Epoch milliseconds.", null=True),
        ),
        migrations.AddField(
            model_name="courseprogress",
            name="past_active_until",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="courseprogress",
            name="past_elapsed_until",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="courseprogress",
            name="past_elapsed_ms",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="PastSpans",
            fields=[
                (
                    "enrollment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="past_spans",
                        serialize=False,
                        to="progress.enrollment",
                    ),
                ),
                ("active_spans", progress.models.spans.SpansField(default=tuple)),
                ("elapsed_spans", progress.models.spans.SpansField(default=tuple)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name_plural": "past spans"},
        ),
    ]
