"""The SQL views for analysts: what they show, what their page says, who may read them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from analytics.facts.rollups import folding
from analytics.warehouse import making
from progress.jobs import Run
from progress.models import CourseProgress
from tests.factories import content
from tests.support.learners import DAY, complete, learn, pass_quiz, someone
from tests.support.outside import elsewhere

pytestmark = pytest.mark.django_db
PAGE = Path(settings.BASE_DIR) / "docs/warehouse.md"


def rows(view: str) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM warehouse.{view}")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def columns() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'warehouse' ORDER BY table_name, ordinal_position"
        )
        for view, column in cursor.fetchall():
            found.setdefault(view, []).append(column)
    return found


def test_the_page_names_every_view_with_its_columns():
    described = {
        view: re.findall(r"`(\w+)`", text)
        for view, text in re.findall(r"^\| `(\w+)` \|[^|]*\| (.*?) \|$", PAGE.read_text(), re.M)
    }
    assert described == columns()


def test_the_views_show_what_was_learned(course):
    lena = someone(course, full_name="Lena", external_id="hr-1", enrolled_ago=3 * DAY)
    session = learn(course, lena, ago=DAY)
    pass_quiz(course, lena, "c2", ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    enrollment = lena.enrollments.get()
    [learner] = [row for row in rows("learners") if row["learner_id"] == lena.pk]
    assert (learner["external_id"], learner["full_name"]) == ("hr-1", "Lena")
    [enrolled] = rows("enrollments")
    assert (enrolled["enrollment_id"], enrolled["is_current"]) == (enrollment.pk, True)
    stored = CourseProgress.objects.get(enrollment=enrollment)
    [progress] = rows("progress")
    assert float(progress["completion_percentage"]) == stored.completion_bp / 100
    assert float(progress["active_seconds"]) == stored.time_ms / 1000
    assert (
        sum(row["active_seconds"] for row in rows("seconds_by_day")) == progress["active_seconds"]
    )
    film = content(course, "c1").pk
    [watched] = [row for row in rows("content_progress") if row["content_id"] == film]
    assert (watched["completion_percentage"], watched["active_seconds"]) == (50, 15)
    assert session.pk in {row["session_id"] for row in rows("sessions")}
    [attempt] = rows("quiz_attempts")
    assert (attempt["is_passed"], attempt["score_percentage"]) == (True, 100)
    assert {row["content_id"] for row in rows("contents")} == {film, content(course, "c2").pk}
    assert [row["course_id"] for row in rows("modules")] == [course.pk]
    assert [row["title"] for row in rows("courses")] == ["Fire safety"]
    assert rows("completions") == []
    made = elsewhere(course, lena, reference="RC-1", score_bp=9250)
    [outside] = rows("outside_completions")
    assert (outside["learner_id"], outside["reference"]) == (lena.pk, "RC-1")
    assert (outside["completed_on"], outside["score_percentage"]) == (made.completed_on, 92.5)
    assert rows("completions") == [] and rows("progress") == [progress]


def test_a_completion_says_whether_it_was_late(course):
    now = timezone.now()
    for due_in in (-1, 1, None):
        person = someone(course)
        due = None if due_in is None else now + timedelta(days=due_in)
        person.enrollments.update(due_at=due)
        complete(course, person, now)
    assert [row["is_late"] for row in rows("completions")] == [True, False, None]


@pytest.fixture
def analyst():
    """A role made as the page says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        if cursor.fetchone() != (True,):
            pytest.skip("the database's role may make no other")
        [statements] = re.findall(r"```sql\n(CREATE ROLE .*?)```", PAGE.read_text(), re.S)
        cursor.execute(statements)
    return "analyst"


def as_role(role: str, statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement)
        cursor.execute("RESET ROLE")


def test_an_analyst_reads_the_views_and_nothing_else(analyst):
    for view in columns():
        as_role(analyst, f"SELECT * FROM warehouse.{view}")
    for refused in (
        "SELECT * FROM progress_user",
        "DELETE FROM warehouse.learners",
        "UPDATE warehouse.courses SET title = ''",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            as_role(analyst, refused)


def test_views_stand_in_no_migrations_way_and_come_back_as_readable_as_before(analyst):
    before = columns()
    making.drop(using="default", plan=[])
    assert columns() == before
    making.drop(using="default", plan=[("a migration", False)])
    assert columns() == {}
    making.make(using="default")
    assert columns() == before
    as_role(analyst, "SELECT * FROM warehouse.learners")


def test_migrating_again_changes_nothing():
    before = columns()
    call_command("migrate", verbosity=0)
    assert columns() == before
