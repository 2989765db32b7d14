from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0029_write_by_learner"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caller", models.CharField(max_length=80)),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("content_type", models.CharField(max_length=200)),
                ("body", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="kept_answer_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("caller", "key"), name="kept_answer_once")
                ],
            },
        ),
    ]
