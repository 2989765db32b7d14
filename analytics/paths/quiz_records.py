"""How many pass each quiz, from attempts that are never dropped: what paths expect of the next."""

from django.db import connection, transaction

from analytics.facts.store import upsert
from analytics.models import QuizRecord

# Second tries count where the first one failed: what comes after a pass says nothing of failing.
_TRIES = """
SELECT content_id,
       count(*) FILTER (WHERE place = 1),
       count(*) FILTER (WHERE place = 1 AND passed),
       count(*) FILTER (WHERE place = 2 AND NOT before),
       count(*) FILTER (WHERE place = 2 AND NOT before AND passed)
  FROM (SELECT content_id, passed,
               row_number() OVER tries AS place, lag(passed) OVER tries AS before
          FROM progress_quizattempt
         WHERE submitted_at IS NOT NULL AND passed IS NOT NULL
        WINDOW tries AS (PARTITION BY enrollment_id, content_id ORDER BY number)) AS attempt
 GROUP BY content_id
"""
_COUNTS = ["first_tries", "first_passed", "next_tries", "next_passed"]


@transaction.atomic
def count() -> int:
    """Make the records what all attempts say; answers for how many quizzes."""
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
