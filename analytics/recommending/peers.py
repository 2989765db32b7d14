"""What similar learners needed: what those who failed a quiz and passed it later went back to.

It shows what they did, not what helped; the share says how common it was.
"""

from collections.abc import Sequence

from django.db import connection, transaction

from analytics.models import PeerContent
from analytics.query.minimum_sample import is_enough
from progress.jobs import Run
from progress.models import Content, QuizAttempt

# The contents used between a first failed and a first passed submission.
_WENT_BACK = """
WITH recovered AS (
    SELECT enrollment_id,
           min(submitted_at) FILTER (WHERE NOT passed) AS failed_at,
           min(submitted_at) FILTER (WHERE passed) AS passed_at
      FROM progress_quizattempt AS own
     WHERE content_id = %(quiz)s AND submitted_at IS NOT NULL AND passed IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM progress_user u WHERE u.id = own.user_id AND u.is_test)
     GROUP BY enrollment_id
    HAVING min(submitted_at) FILTER (WHERE NOT passed) < min(submitted_at) FILTER (WHERE passed)
)
SELECT event.content_id, count(DISTINCT recovered.enrollment_id),
       (SELECT count(*) FROM recovered)
  FROM recovered
  JOIN progress_contentinteraction event
    ON event.enrollment_id = recovered.enrollment_id
   AND event.occurred_at > recovered.failed_at AND event.occurred_at < recovered.passed_at
  JOIN progress_content content ON content.id = event.content_id
 WHERE event.status = 'accepted' AND content.retired_at IS NULL AND NOT content.hidden
   AND content.content_type <> 'quiz'
 GROUP BY event.content_id
"""


def find(run: Run) -> None:
    """Recount every quiz that has been failed, from the evidence that is still stored."""
    failed = QuizAttempt.objects.filter(submitted_at__isnull=False, passed=False)
    quizzes = Content.objects.active().filter(pk__in=failed.values("content_id"))
    ids = quizzes.exclude(pk__in=run.rows_set_aside()).order_by("pk")
    for pk in list(ids.values_list("pk", flat=True)):
        run.take(_find, [pk])


@transaction.atomic
def _find(ids: Sequence[int]) -> int:
    for quiz in ids:
        with connection.cursor() as cursor:
            cursor.execute(_WENT_BACK, {"quiz": quiz})
            found = cursor.fetchall()
        PeerContent.objects.filter(quiz=quiz).delete()
        PeerContent.objects.bulk_create(
            PeerContent(quiz_id=quiz, content_id=content, learners=learners, went_back=count)
            for content, count, learners in found
            if is_enough(learners)
        )
    return len(ids)
