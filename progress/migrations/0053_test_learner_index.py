from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while everybody else works

    dependencies = [("progress", "0052_erasures")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'CREATE INDEX CONCURRENTLY "user_of_tests" ON "progress_user" ("id")'
                    " WHERE is_test",
                    'DROP INDEX CONCURRENTLY IF EXISTS "user_of_tests"',
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="user",
                    index=models.Index(
                        condition=models.Q(("is_test", True)), fields=["id"], name="user_of_tests"
                    ),
                )
            ],
        ),
    ]
