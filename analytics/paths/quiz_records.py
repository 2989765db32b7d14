"""How many learners pass each quiz: what paths base their estimates on."""

from django.db import connection, transaction

from analytics.facts.store import upsert
from analytics.models import QuizRecord

# Second tries count only after a failed first one.
_TRIES = """
SELECT content_id,
       count(*) FILTER (WHERE nth = 1),
       count(*) FILTER (WHERE nth = 1 AND passed),
       count(*) FILTER (WHERE nth = 2 AND NOT before),
       count(*) FILTER (WHERE nth = 2 AND NOT before AND passed)
  FROM (SELECT content_id, passed,
               row_number() OVER tries AS nth, lag(passed) OVER tries AS before
          FROM progress_quizattempt AS own
         WHERE submitted_at IS NOT NULL AND passed IS NOT NULL
           AND NOT EXISTS (
               SELECT 1 FROM progress_user u WHERE u.id = own.user_id AND u.is_test)
        WINDOW tries AS (PARTITION BY enrollment_id, content_id ORDER BY number)) AS attempt
 GROUP BY content_id
"""
_COUNTS = ["first_tries", "first_passed", "next_tries", "next_passed"]


@transaction.atomic
def count() -> int:
    """Recount all attempts; returns the number of quizzes that have a record."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIES)
        found = cursor.fetchall()
    rows = [
        QuizRecord(content_id=quiz, **dict(zip(_COUNTS, counts, strict=True)))
        for quiz, *counts in sorted(found)
    ]
    QuizRecord.objects.exclude(pk__in=[row.pk for row in rows]).delete()
    upsert(rows, ["content"], _COUNTS)
    return len(rows)
