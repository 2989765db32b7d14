import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("progress", "0043_sign_ins")]

    operations = [
        migrations.CreateModel(
            name="StudyReminder",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="study_reminder",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hour",
                    models.PositiveSmallIntegerField(help_text="In the learner's own time zone."),
                ),
                (
                    "weekdays",
                    models.PositiveSmallIntegerField(help_text="Bits: 1 is Monday, 64 is Sunday."),
                ),
                (
                    "looked_on",
                    models.DateField(
                        blank=True,
                        help_text="The last day on which it was sent, or nothing was due.",
                        null=True,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("hour__lte", 23)), name="reminder_hour_of_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekdays__gte", 1), ("weekdays__lte", 127)),
                        name="reminder_has_a_day",
                    ),
                ],
            },
        ),
    ]
