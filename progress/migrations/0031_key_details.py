import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knox", "0009_extend_authtoken_field"),
        ("progress", "0030_kept_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyDetails",
            fields=[
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="details",
                        serialize=False,
                        to="knox.authtoken",
                    ),
                ),
                (
                    "name",
                    models.CharField(blank=True, help_text="What it is used for.", max_length=100),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("progress:read", "Read progress, courses and enrolments"),
                                ("people:read", "Read personal data: people, certificates"),
                                ("progress:report", "Report learning: sessions and their events"),
                                ("people:manage", "Manage people, enrolments and alerts"),
                                ("courses:manage", "Manage courses"),
                                ("reports:read", "Read reports and dashboards"),
                            ],
                            max_length=30,
                        ),
                        blank=True,
                        default=list,
                        help_text="Without any, all that the account may do.",
                        size=None,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="To the minute.", null=True
                    ),
                ),
            ],
        ),
    ]
