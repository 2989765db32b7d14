"""How many statements a reading, a start and a snapshot take: their number is what they cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from progress import ingest
from progress.live.snapshot import snapshots
from progress.security.keys import make_key
from progress.state import course_reading
from progress.state.course_rows import Wanted
from tests.factories import (
    NOON,
    a_course,
    a_course_of,
    a_learner,
    a_session,
    an_integrator,
    content,
    fifty_contents,
    report,
)

pytestmark = pytest.mark.django_db
ASIDE = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def statements(work) -> list[str]:
    work()  # the structures are in memory afterwards
    with CaptureQueriesContext(connection) as captured:
        work()
    return [each["sql"] for each in captured if not each["sql"].startswith(ASIDE)]


def begun(course):
    session = a_session(course)
    for each in course.modules.first().contents.all()[:10]:
        report(session, {"content_id": each.pk, "interaction_type": "view"}, now=NOON)
    return session


@pytest.mark.parametrize("course", [fifty_contents, a_course], ids=lambda each: each.__name__)
def test_any_number_of_learners_is_read_by_one_statement(course):
    course = course()
    wanted = [Wanted(begun(course).user_id, course.pk) for _ in range(12)]

    def read():
        found = course_reading.read(wanted, NOON)
        assert [each.payload()["user_id"] for each in found] == [each.user_id for each in wanted]

    [statement] = statements(read)
    assert statement.count("progress_course_v1") == 12


def test_any_number_of_snapshots_is_read_by_one_statement():
    course = fifty_contents()
    keys = [(begun(course).user_id, course.pk) for _ in range(12)]
    assert len(statements(lambda: snapshots(keys, NOON))) == 1


def test_completed_courses_cost_one_statement_more_for_their_certificates():
    course = a_course_of({"content_type": "embed", "completion_source": "reported"})
    wanted = []
    for _ in range(3):
        session = a_session(course)
        event = {"interaction_type": "progress", "completion_percentage": 100}
        report(session, event | {"content_id": content(course, "c1").pk}, now=NOON)
        wanted.append(Wanted(session.user_id, course.pk))
    assert len(statements(lambda: course_reading.read(wanted, NOON))) == 2


def test_a_session_is_started_by_one_statement():
    course = fifty_contents()
    learner = a_learner(course)
    module = course.modules.first()
    where = {"module_id": module.pk, "content_id": module.contents.first().pk}

    def start():
        ingest.start(user_id=learner.pk, course_id=course.pk, now=NOON, **where)

    assert len(statements(start)) == 1


def test_a_start_by_key_through_the_view_takes_four_statements():
    course = fifty_contents()
    learner = a_learner(course)
    key = make_key(an_integrator("add_learningsession"), lifetime=None)[1]

    def start():
        answer = APIClient().post(
            "/api/employee/start_session",
            {"user_id": learner.pk, "course_id": course.pk},
            HTTP_AUTHORIZATION=f"Token {key}",
        )
        assert answer.status_code == 201

    # The key with its account, its scopes, the account's permissions, the start. The use of the key
    # was noted a moment ago.
    assert len(statements(start)) == 4
