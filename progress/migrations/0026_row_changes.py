from django.db import migrations, models

from progress.operations import change_triggers

# Progress rows are made with their enrolment and deleted with it: only their changes count.
PROGRESS = "completion_bp, completed_at, time_ms"
PERSON = "username, email, full_name, department, time_zone, external_id, is_active"


def triggers() -> str:
    return (
        change_triggers.create("progress_user", columns=PERSON)
        + change_triggers.create("progress_course")
        + change_triggers.create("progress_enrollment")
        + change_triggers.create(
            "progress_courseprogress", "enrollment_id", PROGRESS, inserts=False, deletes=False
        )
        + change_triggers.create("progress_waiver")
    )


def no_triggers() -> str:
    tables = ("waiver", "courseprogress", "enrollment", "course", "user")
    return "".join(change_triggers.drop(f"progress_{table}") for table in tables)


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0022_plain_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="RowChange",
            fields=[
                ("table_name", models.CharField(max_length=63)),
                ("row_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "table_name",
                        "row_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("transaction_id", models.BigIntegerField()),
                ("changed_at", models.DateTimeField()),
                ("is_deleted", models.BooleanField(db_default=False, default=False)),
                ("course_id", models.BigIntegerField(blank=True, null=True)),
                ("user_id", models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["table_name", "transaction_id"], name="change_by_transaction"
                    ),
                    models.Index(fields=["table_name", "changed_at"], name="change_by_moment"),
                ],
            },
        ),
        migrations.RunSQL(change_triggers.FUNCTIONS, change_triggers.DROP_FUNCTIONS),
        migrations.RunSQL(change_triggers.BEGINNING, change_triggers.DROP_BEGINNING),
        migrations.RunSQL(triggers(), no_triggers()),
    ]
