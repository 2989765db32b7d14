"""Indexes that hold what pages ask of all enrolments of a course.

Rows of progress are wide, and those of all courses lie between each other. The second index begins
as the one of the foreign key did, which goes: a heartbeat that begins a content writes as many as
before. `completed_at` is written once, so no other heartbeat writes to either of them.
"""

import django.db.models.deletion
from django.db import migrations, models

OF_COURSE = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "course_progress_of_course" ON "progress_courseprogress"
("course_id", "completed_at") INCLUDE ("enrollment_id", "user_id")
"""
OF_CONTENT = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS "content_progress_of_content" ON "progress_contentprogress"
("content_id", "completed_at") INCLUDE ("enrollment_id", "user_id")
"""
# As Django named it.
OF_KEY = "progress_contentprogress_content_id_1f2de5e0"


class Migration(migrations.Migration):
    atomic = False  # indexes are made while everybody else works
    dependencies = [("progress", "0055_note_progress_together")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    OF_COURSE, 'DROP INDEX CONCURRENTLY IF EXISTS "course_progress_of_course"'
                ),
                migrations.RunSQL(
                    OF_CONTENT, 'DROP INDEX CONCURRENTLY IF EXISTS "content_progress_of_content"'
                ),
                migrations.RunSQL(
                    f'DROP INDEX CONCURRENTLY IF EXISTS "{OF_KEY}"',
                    f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{OF_KEY}"'
                    ' ON "progress_contentprogress" ("content_id")',
                ),
            ],
            [
                migrations.AddIndex(
                    model_name="courseprogress",
                    index=models.Index(
                        fields=["course", "completed_at"],
                        include=("enrollment", "user"),
                        name="course_progress_of_course",
                    ),
                ),
                migrations.AddIndex(
                    model_name="contentprogress",
                    index=models.Index(
                        fields=["content", "completed_at"],
                        include=("enrollment", "user"),
                        name="content_progress_of_content",
                    ),
                ),
                migrations.AlterField(
                    model_name="contentprogress",
                    name="content",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="progress",
                        to="progress.content",
                    ),
                ),
            ],
        ),
    ]
