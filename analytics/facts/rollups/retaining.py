"""Before a month of evidence leaves the database, it must be in the rollups."""

from datetime import datetime

from django.db import connection

from analytics.models import FoldedEnrollment
from progress.jobs import Run
from progress.models.learner_keys import key_columns

from . import folding

_UNFOLDED = """
SELECT EXISTS (
    SELECT 1 FROM progress_contentinteraction AS event
    LEFT JOIN analytics_foldedenrollment AS folded USING ({key})
    WHERE event.session_started_at >= %s AND event.session_started_at < %s
    AND (folded.enrollment_id IS NULL OR event.chain_index >= folded.folded)
    AND NOT EXISTS (SELECT 1 FROM progress_user u WHERE u.id = event.user_id AND u.is_test)
)
"""


def needs(first: datetime, after: datetime) -> bool:
    """Fold what is possible, and return whether evidence of sessions in this period is still
    left out. That of test learners is never folded, and not waited for."""
    folding.fold_new(Run("analytics.tasks.fold_rollups"))
    with connection.cursor() as cursor:
        key = ", ".join(key_columns(FoldedEnrollment))
        cursor.execute(_UNFOLDED.format(key=key), [first, after])
        return cursor.fetchone()[0]
