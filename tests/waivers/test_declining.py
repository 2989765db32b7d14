"""A learner may decline a waiver and learn the content, and take that back."""

import pytest
from rest_framework.test import APIClient

from progress.ingest.enrolling import unenroll
from progress.models import CourseProgress, Waiver
from progress.state.payloads import course_payload
from tests.factories import a_course, a_learner, an_instructor, content
from tests.support.waivers import (
    LATER,
    a_chosen_course,
    a_tested_course,
    begun,
    fresh,
    tested,
    walk,
    watch,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    """A session of a learner who has passed the pre-test."""
    return tested()


def browser(user) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def decide(session, what: str, code="film", user=None):
    body = {"enrollment_id": session.enrollment_id, "content_id": content(session.course, code).pk}
    return browser(user or session.user).post(f"/api/waivers/{what}/", body)


def percent(session) -> float:
    stored = CourseProgress.objects.get(pk=session.enrollment_id).completion_bp / 100
    assert course_payload(fresh(session), LATER)["completion_percentage"] == stored
    return stored


def test_what_is_declined_counts_again(session):
    assert percent(session) == 66.66
    assert decide(session, "decline").status_code == 204
    assert percent(session) == 33.33
    remaining = course_payload(fresh(session), LATER)["remaining"]
    assert [each["title"] for each in remaining] == ["The film", "A walk"]
    watch(session, 10)
    assert percent(session) == 66.66


def test_a_declined_waiver_stays_declined_and_on_record(session):
    decide(session, "decline")
    walk(session)
    assert percent(session) == 66.66
    rows = Waiver.objects.filter(content__code="film")
    assert [row.declined_at is not None for row in rows] == [True]


def test_it_can_be_taken_back(session):
    decide(session, "decline")
    assert decide(session, "take_back").status_code == 204
    assert percent(session) == 66.66
    rows = Waiver.objects.filter(content__code="film")
    assert [row.declined_at is not None for row in rows] == [True, False]


def test_taking_it_back_may_complete_the_course(session):
    decide(session, "decline")
    walk(session)
    decide(session, "take_back")
    assert percent(session) == 100


def test_a_complete_course_stays_complete(session):
    walk(session)
    answer = decide(session, "decline")
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "course_complete"
    assert percent(session) == 100


def test_a_learner_cannot_decline_for_another(session):
    other = a_learner(session.course)
    teacher = an_instructor(session.course)
    for person in (other, teacher):
        assert decide(session, "decline", user=person).status_code == 404
    unenroll(fresh(session), now=LATER)
    assert decide(session, "decline").status_code == 404
    assert CourseProgress.objects.get(pk=session.enrollment_id).completion_bp == 6666


def test_what_isnt_waived_cant_be_declined(session):
    assert decide(session, "decline", code="walk").status_code == 404
    assert decide(session, "take_back").status_code == 404
    chosen = begun(a_chosen_course())
    watch(chosen, 10)
    # An alternative has nothing to decline: it is open, and would count for nothing more.
    assert decide(chosen, "decline", code="book").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "enrollment_id"),
        ({"enrollment_id": 1}, "content_id"),
        ({"enrollment_id": 1, "content_id": 2**63}, "content_id"),
    ],
)
def test_wrong_fields_are_named(session, body, field):
    answer = browser(session.user).post("/api/waivers/decline/", body)
    assert answer.status_code == 400
    assert field in {each["attr"] for each in answer.json()["errors"]}


# --- Who sees them -------------------------------------------------------------------------------
def test_waivers_are_listed_for_their_learner_and_instructors(session):
    tested()  # a stranger
    own = browser(session.user).get("/api/waivers/").json()["results"]
    assert {each["user_id"] for each in own} == {session.user_id}
    assert {(each["reason"], each["score"]) for each in own} == {("pre_test", 100)}
    teacher = browser(an_instructor(session.course))
    seen = teacher.get("/api/waivers/", {"in_force": True}).json()["results"]
    assert [each["id"] for each in seen] == [each["id"] for each in own]
    other = browser(an_instructor(a_course()))
    assert other.get("/api/waivers/").json()["results"] == []
    assert other.get(f"/api/waivers/{own[0]['id']}/").status_code == 404
    assert browser(an_instructor()).get("/api/waivers/").status_code == 403


# --- On the pages --------------------------------------------------------------------------------
def test_the_page_of_a_waived_content_says_why_and_lets_the_learner_choose(session, client):
    client.force_login(session.user)
    film = content(session.course, "film").pk
    page = f"/courses/{session.course_id}/contents/{film}/"
    shown = client.get(page).content.decode()
    assert "Not needed: you passed “Do you know it?”" in shown
    assert "Learn it anyway" in shown
    assert client.post(f"{page}waiver/", follow=True).redirect_chain == [(page, 302)]
    shown = client.get(page).content.decode()
    assert "You chose to learn this" in shown
    client.post(f"{page}waiver/", {"take_back": "1"})
    assert "Learn it anyway" in client.get(page).content.decode()


def test_the_pre_test_says_what_it_waives(client):
    session = begun(a_tested_course())
    client.force_login(session.user)
    test = content(session.course, "test").pk
    shown = client.get(f"/courses/{session.course_id}/contents/{test}/").content.decode()
    assert "Pass this test to skip:" in shown
    assert "There is no penalty if you don't pass." in shown


def test_another_learners_waiver_has_no_page(session, client):
    client.force_login(a_learner(session.course))
    film = content(session.course, "film").pk
    page = f"/courses/{session.course_id}/contents/{film}/waiver/"
    assert client.post(page).status_code == 404
    assert client.get(page).status_code == 405
