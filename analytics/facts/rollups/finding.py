"""Which rollups are behind: enrolments with evidence, or a corrected score, not yet folded.

A row's id is given out before its transaction ends, so ids become visible out of order: a cursor
over ids alone would skip rows that were still in flight. Ids only say where to look; how much of an
enrolment is folded is counted in its own chain, which has no gaps.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from analytics.facts import store
from analytics.facts.store import EVIDENCE, REGRADES
from analytics.models import FoldedCourse, FoldedEnrollment, RollupSource
from progress.models import Course
from progress.models.learner_keys import key_columns

# Rows of test learners are never folded, so that nothing built on the rollups counts them.
IS_TEST = "EXISTS (SELECT 1 FROM progress_user u WHERE u.id = due.user_id AND u.is_test)"


@dataclass(frozen=True, slots=True)
class _Source:
    table: str
    due: str  # the enrolments of rows beyond an id, of those that aren't folded so far


_SOURCES = {
    EVIDENCE: _Source(
        "progress_contentinteraction",
        """
        SELECT seen.user_id, seen.enrollment_id FROM (
            SELECT user_id, enrollment_id, max(chain_index) AS last
            FROM progress_contentinteraction WHERE id > %s GROUP BY user_id, enrollment_id
        ) AS seen
        LEFT JOIN analytics_foldedenrollment AS folded USING ({key})
        WHERE folded.enrollment_id IS NULL OR folded.folded <= seen.last
        """,
    ),
    REGRADES: _Source(
        "progress_regrade",
        """
        SELECT DISTINCT attempt.user_id, attempt.enrollment_id
        FROM progress_regrade AS regrade
        JOIN progress_quizattempt AS attempt
            ON attempt.id = regrade.attempt_id AND attempt.user_id = regrade.user_id
        WHERE regrade.id > %s
        """,
    ),
}


@transaction.atomic
def mark_due() -> None:
    """Note every enrolment that has something new; it stays due until it is folded."""
    store.lock()
    for row in RollupSource.objects.order_by("name"):
        _mark(row, _SOURCES[row.name])
    _mark_restructured()


def _mark(row: RollupSource, source: _Source) -> None:
    key = ", ".join(key_columns(FoldedEnrollment))
    due = source.due.format(key=key)
    with connection.cursor() as cursor:
        # In this order: a writer with an id up to `last` began before what is asked next.
        last = _last_id(cursor, source.table)
        cursor.execute(_RUNNING)
        xmin, xmax, now, oldest = cursor.fetchone()
        cursor.execute(
            "INSERT INTO analytics_foldedenrollment"
            " (user_id, enrollment_id, folded, time_zone, is_due)"
            f" SELECT user_id, enrollment_id, 0, '', true FROM ({due}) AS due"
            f" WHERE NOT {IS_TEST}"
            f" ON CONFLICT ({key}) DO UPDATE SET is_due = true",
            [row.passed_id],
        )
    if row.pending_id is not None and _has_settled(row, int(xmin), oldest):
        # Every writer that may have had such an id is done, and what they wrote was found now.
        row.passed_id, row.pending_id = row.pending_id, None
    if row.pending_id is None:
        row.pending_id, row.pending_xmax, row.pending_at = last, int(xmax), now
    row.save(update_fields=["passed_id", "pending_id", "pending_xmax", "pending_at"])


# Transactions by number, and since when the oldest of the others runs.
_RUNNING = """
SELECT pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text, clock_timestamp(), coalesce(
    (SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()), clock_timestamp())
FROM pg_current_snapshot() AS s
"""


def _has_settled(row: RollupSource, xmin: int, oldest: datetime) -> bool:
    if settings.DATABASE_DISTRIBUTED:
        # A transaction that writes on another machine need not have a number on this one.
        return row.pending_at is not None and row.pending_at < oldest
    return row.pending_xmax is not None and row.pending_xmax <= xmin


def _last_id(cursor, table: str) -> int:
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    (sequence,) = cursor.fetchone()
    cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
    return cursor.fetchone()[0]


def _mark_restructured() -> None:
    """An author's change may have completed contents; counted once all learners are refolded."""
    behind = Course.objects.to_refold().values("pk")
    changed = (
        FoldedCourse.objects.exclude(completions_version=F("structure_version"))
        .filter(course__structure_version=F("structure_version"))
        .exclude(course__in=behind)
    )
    for course in changed:
        FoldedEnrollment.objects.filter(enrollment__course=course.course_id).update(is_due=True)
        course.completions_version = course.structure_version
        course.save(update_fields=["completions_version"])
