"""Who reports to which manager. Each statement by itself: none may hold the table for long."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

REFERENCE = """
ALTER TABLE "progress_user" ADD CONSTRAINT "progress_user_manager_id_fk"
    FOREIGN KEY ("manager_id") REFERENCES "progress_user" ("id")
    DEFERRABLE INITIALLY DEFERRED NOT VALID
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("progress", "0048_pictures")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'ALTER TABLE "progress_user" ADD COLUMN "manager_id" bigint NULL',
                    'ALTER TABLE "progress_user" DROP COLUMN "manager_id"',
                ),
                migrations.RunSQL(REFERENCE, migrations.RunSQL.noop),
                migrations.RunSQL(
                    'ALTER TABLE "progress_user" VALIDATE CONSTRAINT "progress_user_manager_id_fk"',
                    migrations.RunSQL.noop,
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="user",
                    name="manager",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The person's manager. Sees their learning, and that of"
                        " everybody below.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'CREATE INDEX CONCURRENTLY "user_by_manager" ON "progress_user" ("manager_id")',
                    'DROP INDEX CONCURRENTLY IF EXISTS "user_by_manager"',
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="user",
                    index=models.Index(fields=["manager"], name="user_by_manager"),
                )
            ],
        ),
        AddConstraintNotValid(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("manager", None),
                    models.Q(("manager", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="user_not_own_manager",
            ),
        ),
        ValidateConstraint(model_name="user", name="user_not_own_manager"),
    ]
