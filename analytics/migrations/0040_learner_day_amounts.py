"""Who learned how long on a course's days is read from an index, without the wide rows."""

from django.db import migrations, models

NEW = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "learner_day_amounts" ON "analytics_learnerday"
("course_id", "day") INCLUDE ("user_id", "active_ms")
"""
OLD = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "learner_day_of_course" ON "analytics_learnerday"
("course_id", "day")
"""


class Migration(migrations.Migration):
    atomic = False  # indexes are made while everybody else works
    dependencies = [("analytics", "0039_risk_by_department")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(NEW, 'DROP INDEX CONCURRENTLY IF EXISTS "learner_day_amounts"'),
                migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS "learner_day_of_course"', OLD),
            ],
            [
                migrations.AddIndex(
                    model_name="learnerday",
                    index=models.Index(
                        fields=["course", "day"],
                        include=("user", "active_ms"),
                        name="learner_day_amounts",
                    ),
                ),
                migrations.RemoveIndex("learnerday", "learner_day_of_course"),
            ],
        ),
    ]
