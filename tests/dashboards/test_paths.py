"""What instructors see of paths: what pre-tests waived, who declined, what was chosen."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from progress.ingest import declining
from tests.factories import content
from tests.support.admin import text_of
from tests.support.dashboards import MAX_QUERIES
from tests.support.learners import an_instructor_of
from tests.support.waivers import LATER, a_chosen_course, a_tested_course, begun, fresh, take, watch

pytestmark = pytest.mark.django_db


def takers(course, *scores: int):
    """Learners who took the pre-test, with so many of four answers right."""
    sessions = [begun(course, full_name=f"Person {number}") for number in range(len(scores))]
    for session, right in zip(sessions, scores, strict=True):
        take(session, "test", right=right)
    return sessions


def page_of(window, course, session=None) -> str:
    name, args = "admin:insight-course", [course.pk]
    if session is not None:
        name, args = "admin:insight-learner", [course.pk, session.user_id]
    return text_of(window.get(reverse(name, args=args)))


def test_a_courses_page_shows_what_its_pre_test_did(sign_in):
    course = a_tested_course()
    sessions = takers(course, 4, 4, 3, 3, 3, 1)
    declining.decline(fresh(sessions[0]), content(course, "film").pk, now=LATER)
    shown = page_of(sign_in(an_instructor_of(course)), course)
    assert "Do you know it? The film, The book 6 83 % 31 % 20 %" in shown


def test_a_pre_test_that_four_took_has_no_figures(sign_in):
    course = a_tested_course()
    takers(course, 4, 4, 4, 1)
    shown = page_of(sign_in(an_instructor_of(course)), course)
    assert "Do you know it? The film, The book fewer than five – 31 % –" in shown


def test_a_courses_page_shows_which_alternative_is_taken(sign_in):
    course = a_chosen_course()
    for _ in range(5):
        watch(begun(course), 10)
    shown = page_of(sign_in(an_instructor_of(course)), course)
    assert "The film either 100 %" in shown
    assert "The book either 0 %" in shown


def test_a_course_without_paths_has_no_such_section_and_asks_nothing(sign_in, course):
    begun(course)
    window = sign_in(an_instructor_of(course))
    with CaptureQueriesContext(connection) as found:
        shown = page_of(window, course)
    assert "Pre-tests and alternatives" not in shown
    assert not [each for each in found if "progress_waiver" in each["sql"]]


def test_a_learners_page_shows_their_path_and_their_waivers(sign_in):
    course = a_tested_course(path="adaptive")
    [session] = takers(course, 3)
    declining.decline(fresh(session), content(course, "film").pk, now=LATER)
    window = sign_in(an_instructor_of(course))
    with CaptureQueriesContext(connection) as found:
        shown = page_of(window, course, session)
    assert "The order that the learner sees" in shown
    assert (
        "The film Pre-test passed Do you know it? 75 % 4 May 2026, 12:30 4 May 2026, 12:30" in shown
    )
    assert "The book Pre-test passed Do you know it? 75 % 4 May 2026, 12:30 –" in shown
    assert len(found) <= MAX_QUERIES


def test_waivers_are_a_report_for_those_who_may_see_them(sign_in):
    course, other = a_tested_course(), a_tested_course()
    takers(course, 4)
    takers(other, 4)
    client = APIClient()
    client.force_login(an_instructor_of(course))
    rows = client.get("/api/analytics/reports/waivers/").json()["results"]
    assert [(row["content"], row["because"], row["score"]) for row in rows] == [
        ("The book", "Do you know it?", 100),
        ("The film", "Do you know it?", 100),
    ]
    assert {row["learner"] for row in rows} == {"Person 0"}
    window = sign_in(an_instructor_of(course))
    assert "Person 0" in text_of(window.get("/admin/insight/reports/waivers/"))
