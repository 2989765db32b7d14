"""The list of the largest table never counts its rows and always follows an index."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.models import ContentInteraction
from tests.factories import NOON, a_course_of, a_session, content, report
from tests.support.admin import VIDEO, an_instructor_who_may_read, complete_a_course, page

LIST = page(ContentInteraction)


def rows(answer) -> list[int]:
    return [row.pk for row in answer.context["cl"].result_list]


def statements(window, **query) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert window.get(LIST, query).status_code == 200
    return [q["sql"] for q in captured if "progress_contentinteraction" in q["sql"]]


def views(session, count: int) -> None:
    video = content(session.course, "c1")
    for start in range(0, count, 100):
        events = [{"content_id": video.pk, "interaction_type": "view"}] * min(100, count - start)
        report(session, *events, now=NOON + timedelta(seconds=30))


@pytest.mark.parametrize("query", [{}, {"q": "1"}, {"p": "2"}, {"all": ""}, {"o": "5"}])
def test_the_list_is_never_counted(window, query):
    views(a_session(a_course_of(VIDEO)), 150)
    queries = statements(window, **query)
    assert queries
    assert [sql for sql in queries if "COUNT(" in sql.upper()] == []
    assert all("LIMIT" in sql for sql in queries)


def test_the_newest_events_come_first_and_older_ones_are_a_link_away(window):
    views(a_session(a_course_of(VIDEO)), 150)
    newest = list(ContentInteraction.objects.order_by("-pk").values_list("pk", flat=True))
    answer = window.get(LIST)
    assert rows(answer) == newest[:100]
    assert (answer.context["cl"].newer_link, answer.context["cl"].older_link) == (None, "?p=2")
    older = window.get(LIST + "?p=2")
    assert rows(older) == newest[100:]
    assert (older.context["cl"].newer_link, older.context["cl"].older_link) == ("?p=1", None)


@pytest.mark.parametrize("number", ["0", "-1", "3", "101", "999999999999", "x"])
def test_a_page_that_is_not_there_never_reads_the_table(window, number):
    views(a_session(a_course_of(VIDEO)), 150)
    answer = window.get(LIST, {"p": number}, follow=True)
    assert answer.status_code == 200
    assert len(rows(answer)) == 100


def test_a_session_or_an_enrolment_is_looked_up_by_its_id(window):
    ours, theirs = complete_a_course(), complete_a_course()
    for key in (ours.enrollment_id, ours.pk):
        answer = window.get(LIST, {"q": str(key)})
        assert {row.session_id for row in answer.context["cl"].result_list} == {ours.pk}
        assert [row.chain_index for row in answer.context["cl"].result_list] == [2, 1, 0]
    assert rows(window.get(LIST, {"q": str(theirs.pk)})) != []
    for unknown in (str(uuid.uuid4()), "lena", "9" * 30, "²"):
        assert rows(window.get(LIST, {"q": unknown})) == []


def test_no_column_without_an_index_can_be_filtered(window):
    assert window.get(LIST, {"record__contains": "x"}).status_code == 400


@pytest.mark.parametrize("by", ["nothing", "enrolment", "session"])
def test_the_list_follows_an_index(window, by):
    """Makes sequential scans as expensive as they are on the real table."""
    session = complete_a_course()
    query = {
        "nothing": {},
        "enrolment": {"q": str(session.enrollment_id)},
        "session": {"q": str(session.pk)},
    }[by]
    queries = statements(window, **query)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_hashjoin = off")
        for sql in queries:
            cursor.execute("EXPLAIN " + sql)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on progress_contentinteraction" not in plan
            assert not re.search(r"(->\s+|\A)Sort\b", plan), plan
            index = "pkey" if by == "nothing" else "enrollment_id_chain_index"
            assert re.search(rf"progress_contentinteraction_\w*{index}", plan), plan


def test_an_instructor_first_sees_the_latest_events_of_their_learners(sign_in):
    ours, _ = complete_a_course(), complete_a_course()
    answer = sign_in(an_instructor_who_may_read(ours.course)).get(LIST)
    assert {row.session_id for row in answer.context["cl"].result_list} == {ours.pk}


def test_an_instructors_first_page_reads_no_events_of_other_courses(sign_in):
    session = complete_a_course()
    queries = statements(sign_in(an_instructor_who_may_read(session.course)))
    assert queries
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in queries:
            cursor.execute("EXPLAIN " + sql)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert not re.search(r"progress_contentinteraction_\w*pkey", plan), plan


def test_an_instructor_sees_the_newest_events_of_their_learners_first(sign_in):
    ours = a_session(a_course_of(VIDEO))
    views(ours, 150)
    newest = ContentInteraction.objects.order_by("-received_at", "-chain_index")
    answer = sign_in(an_instructor_who_may_read(ours.course)).get(LIST)
    assert rows(answer) == list(newest.values_list("pk", flat=True)[:100])


def test_an_instructor_without_events_sees_an_empty_list(sign_in):
    complete_a_course()
    assert rows(sign_in(an_instructor_who_may_read(a_course_of(VIDEO))).get(LIST)) == []


def test_an_instructor_cannot_search_learners_of_other_courses(sign_in):
    ours, theirs = complete_a_course(), complete_a_course()
    window = sign_in(an_instructor_who_may_read(ours.course))
    assert rows(window.get(LIST, {"q": str(ours.pk)})) != []
    for key in (theirs.pk, theirs.enrollment_id):
        assert rows(window.get(LIST, {"q": str(key)})) == []
