"""One statement over many learners notes those whose percentage or time it changed."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from progress.models import CourseProgress, RowChange
from tests.factories import NOON, a_course, a_session, report

pytestmark = pytest.mark.django_db
TABLE = CourseProgress._meta.db_table


def noted() -> dict[int, int]:
    """Transaction by enrolment, of those that were noted."""
    rows = RowChange.objects.filter(table_name=TABLE, is_deleted=False)
    return dict(rows.values_list("row_id", "transaction_id"))


def this_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


def test_one_statement_notes_each_row_that_it_changed_and_no_other():
    course = a_course()
    first, second, third = sorted(a_session(course).enrollment_id for _ in range(3))
    RowChange.objects.all().delete()
    with CaptureQueriesContext(connection) as captured, connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET structure_version = 9,"
            " time_ms = CASE enrollment_id WHEN %s THEN 5000 ELSE time_ms END,"
            " completion_bp = CASE enrollment_id WHEN %s THEN 10000 ELSE completion_bp END,"
            " completed_at = CASE enrollment_id WHEN %s THEN now() ELSE completed_at END",
            [first, third, third],
        )
    assert len(captured) == 1
    assert noted() == {first: this_transaction(), third: this_transaction()}
    CourseProgress.objects.filter(pk__in=[second, third]).update(time_ms=7)
    assert set(noted()) == {first, second, third}


def test_a_second_change_is_noted_over_the_first(transactional_db):
    session = a_session(a_course())
    content = session.course.modules.first().contents.first()
    play = {"content_id": content.pk, "interaction_type": "play", "duration_seconds": 4}
    positions = []
    for seconds in (10, 20):
        with transaction.atomic():
            report(session, play, now=NOON + timedelta(seconds=seconds))
            positions.append(this_transaction())
        assert noted()[session.enrollment_id] == positions[-1]
    assert positions[0] < positions[1]
