from django.db import migrations, models

INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "attempt_open_with_limit"
ON "progress_quizattempt" ("closes_at")
WHERE "closes_at" IS NOT NULL AND "submitted_at" IS NULL
"""
NO_INDEX = 'DROP INDEX CONCURRENTLY IF EXISTS "attempt_open_with_limit"'


class Migration(migrations.Migration):
    atomic = False  # the index is made while everybody else works
    dependencies = [("progress", "0046_time_limits")]

    operations = [
        migrations.RunSQL(
            INDEX,
            NO_INDEX,
            state_operations=[
                migrations.AddIndex(
                    model_name="quizattempt",
                    index=models.Index(
                        condition=models.Q(("closes_at__isnull", False), ("submitted_at", None)),
                        fields=["closes_at"],
                        name="attempt_open_with_limit",
                    ),
                ),
            ],
        ),
    ]
