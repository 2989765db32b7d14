import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authoring", "0002_drafts"),
        ("progress", "0032_group_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="SelfEnrollment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_listed", models.BooleanField(default=False)),
                ("link_key", models.CharField(blank=True, max_length=43, null=True, unique=True)),
                ("due_days", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "course",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="self_enrollment",
                        to="progress.course",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_days", None),
                            models.Q(("due_days__gte", 1), ("due_days__lte", 3650)),
                            _connector="OR",
                        ),
                        name="self_enrollment_due_days",
                    )
                ],
            },
        ),
    ]
