import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("progress", "0034_playing_choices")]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position_milli", models.PositiveBigIntegerField(blank=True, null=True)),
                ("text", models.CharField(blank=True, max_length=4000)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="progress.content",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position_milli", "pk"],
                "indexes": [models.Index(fields=["user", "content"], name="note_by_learner")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position_milli", None), ("text", ""), _negated=True),
                        name="note_is_not_empty",
                    )
                ],
            },
        ),
    ]
