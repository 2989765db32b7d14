"""Learners, enrolments and keys over HTTP."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from progress.models import CourseProgress, Enrollment, User
from tests.factories import (
    a_course,
    a_learner,
    a_session,
    a_user,
    an_instructor,
    an_integrator,
    enrolled,
    grant,
)

pytestmark = pytest.mark.django_db

LEARNERS = "/api/learners/"
ENROLLMENTS = "/api/enrollments/"


def as_(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def people():
    return as_(an_integrator("add_user", "change_user", "view_user"))


@pytest.fixture
def registrar():
    names = ("add_enrollment", "change_enrollment", "delete_enrollment", "view_enrollment")
    return as_(an_integrator(*names))


# --- Learners -------------------------------------------------------------------------------------
def test_a_learner_is_made_read_changed_and_found(people):
    data = {
        "username": "lena",
        "email": "lena@example.org",
        "full_name": "Lena Fischer",
        "department": "Warehouse",
        "language": "de",
        "time_zone": "Europe/Berlin",
        "external_id": "hr-17",
    }
    made = people.post(LEARNERS, data)
    assert made.status_code == 201
    own = {"id": made.json()["id"], "is_active": True, "manager_id": None, "is_test": False}
    assert made.json() == data | own
    url = f"{LEARNERS}{made.json()['id']}/"
    assert people.patch(url, {"department": "Office"}).json()["department"] == "Office"
    found = people.get(LEARNERS, {"external_id": "hr-17"}).json()["results"]
    assert [row["username"] for row in found] == ["lena"]
    assert not User.objects.get(username="lena").has_usable_password()


@pytest.mark.parametrize(
    ("wrong", "attr"),
    [
        ({"username": ""}, "username"),
        ({"username": "taken"}, "username"),
        ({"username": "two words"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"external_id": "hr-1"}, "external_id"),
        ({"password": "123"}, "password"),
        ({"username": "x" * 300}, "username"),
    ],
)
def test_a_bad_field_of_a_learner_is_named(people, wrong, attr):
    a_user(username="taken", external_id="hr-1")
    answer = people.post(LEARNERS, {"username": "new"} | wrong)
    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} == {attr}
    assert User.objects.filter(username="new").count() == 0


def test_all_see_themselves_and_instructors_their_learners():
    course, other = a_course(), a_course()
    mine, stranger = a_learner(course), a_learner(other)
    teacher = an_instructor(course)
    seen = as_(teacher).get(LEARNERS).json()["results"]
    assert {row["id"] for row in seen} == {mine.pk, teacher.pk}
    assert as_(teacher).get(f"{LEARNERS}{stranger.pk}/").status_code == 404
    alone = as_(mine)
    assert [row["id"] for row in alone.get(LEARNERS).json()["results"]] == [mine.pk]
    assert alone.patch(f"{LEARNERS}{mine.pk}/", {"full_name": "Me"}).status_code == 403
    assert alone.post(LEARNERS, {"username": "new"}).status_code == 403


def test_an_instructors_permissions_end_at_their_own_courses():
    course, other = a_course(), a_course()
    mine, stranger = a_learner(course), a_learner(other)
    teacher = an_instructor(course)
    names = ("view_user", "view_course", "view_enrollment", "view_courseprogress")
    grant(teacher, *names)
    client = as_(teacher)

    def seen(path):
        return [row["id"] for row in client.get(path).json()["results"]]

    assert seen("/api/courses/") == [course.pk]
    assert set(seen(LEARNERS)) == {mine.pk, teacher.pk}
    assert seen(ENROLLMENTS) == [Enrollment.objects.get(user=mine).pk]
    reading = "/api/employee/realtime_progress/{}/{}"
    assert client.get(reading.format(mine.pk, course.pk)).status_code == 200
    assert client.get(reading.format(stranger.pk, other.pk)).status_code == 404
    grant(teacher, *names, "view_all_progress")
    client = as_(User.objects.get(pk=teacher.pk))
    assert client.get(reading.format(stranger.pk, other.pk)).status_code == 200
    assert set(seen("/api/courses/")) == {course.pk, other.pk}


def test_a_list_of_fifty_people_costs_as_many_queries_as_one(people):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            people.get(LEARNERS)
        return len(captured)

    a_user()
    queries()
    one = queries()
    for _ in range(49):
        a_user()
    assert queries() == one


# --- Enrolments -----------------------------------------------------------------------------------
def test_enrolling_twice_makes_one_enrolment_with_progress(registrar):
    course, learner = a_course(), a_learner()
    asked = {"user_id": learner.pk, "course_id": course.pk, "due_at": "2027-01-01T00:00:00Z"}
    made, again = registrar.post(ENROLLMENTS, asked), registrar.post(ENROLLMENTS, asked)
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    body = made.json()
    assert (body["cycle"], body["is_complete"], body["completion_percentage"]) == (1, False, 0)
    assert body["due_at"] == "2027-01-01T00:00:00Z"
    assert CourseProgress.objects.get().enrollment_id == body["id"]


def test_progress_is_kept_when_a_learner_leaves_and_comes_back(registrar):
    course = a_course()
    session = a_session(course)
    url = f"{ENROLLMENTS}{session.enrollment_id}/"
    assert registrar.delete(url).status_code == 204
    assert registrar.get(url).json()["is_active"] is False
    back = registrar.post(ENROLLMENTS, {"user_id": session.user_id, "course_id": course.pk})
    assert (back.status_code, back.json()["id"]) == (200, session.enrollment_id)
    assert back.json()["is_active"] is True
    assert CourseProgress.objects.get().total_sessions == 1


def test_a_new_cycle_leaves_the_old_one_as_it_was(registrar):
    course = a_course()
    session = a_session(course)
    asked = {"user_id": session.user_id, "course_id": course.pk, "new_cycle": True}
    body = registrar.post(ENROLLMENTS, asked).json()
    assert (body["cycle"], body["is_current"]) == (2, True)
    old = Enrollment.objects.get(cycle=1)
    assert (old.is_current, old.course_progress.total_sessions) == (False, 1)


def test_due_dates_change_and_enrolments_are_filtered(registrar):
    course = a_course()
    first, second = enrolled(a_learner(), course), enrolled(a_learner(), course)
    CourseProgress.objects.filter(pk=second.pk).update(
        completed_at=timezone.now(), completion_bp=10000
    )
    url = f"{ENROLLMENTS}{first.pk}/"
    assert registrar.patch(url, {"due_at": None}).json()["due_at"] is None

    def ids(**query):
        return [row["id"] for row in registrar.get(ENROLLMENTS, query).json()["results"]]

    assert ids(is_complete="true") == [second.pk]
    assert ids(is_complete="false") == [first.pk]
    assert ids(user_id=first.user_id) == [first.pk]
    assert ids(course_id=course.pk + 1) == []


@pytest.mark.parametrize(
    "wrong", [{"user_id": 0}, {"course_id": 0}, {"user_id": "x"}, {"due_at": 7}]
)
def test_a_bad_field_of_an_enrolment_is_named(registrar, wrong):
    asked = {"user_id": a_learner().pk, "course_id": a_course().pk} | wrong
    answer = registrar.post(ENROLLMENTS, asked)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == list(wrong)
    assert not Enrollment.objects.exists()


def test_a_learner_sees_own_enrolments_and_enrols_nobody():
    course = a_course()
    learner, other = a_learner(course), a_learner(course)
    client = as_(learner)
    assert [r["user_id"] for r in client.get(ENROLLMENTS).json()["results"]] == [learner.pk]
    asked = {"user_id": learner.pk, "course_id": a_course().pk}
    assert client.post(ENROLLMENTS, asked).status_code == 403
    theirs = Enrollment.objects.get(user=other)
    assert client.get(f"{ENROLLMENTS}{theirs.pk}/").status_code == 404


def test_a_list_of_fifty_enrolments_costs_as_many_queries_as_one(registrar):
    course = a_course()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert registrar.get(ENROLLMENTS).json()["results"]
        return len(captured)

    a_learner(course)
    queries()
    one = queries()
    for _ in range(49):
        a_learner(course)
    assert queries() == one


# --- Keys -----------------------------------------------------------------------------------------
def test_a_key_is_printed_alone_on_the_last_line_and_opens_the_api(capsys):
    account = an_integrator("view_user")
    call_command("create_api_token", account.username)
    key = capsys.readouterr().out.splitlines()[-1]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert client.get(LEARNERS).json()["count"] == 1
    assert key not in str(AuthToken.objects.values().get())


def test_a_key_can_be_revoked_expire_and_end_with_its_account(capsys):
    account = an_integrator("view_user")
    call_command("create_api_token", account.username, "--days", "2")
    key = capsys.readouterr().out.splitlines()[-1]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    User.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(LEARNERS).status_code == 401
    User.objects.filter(pk=account.pk).update(is_active=True)
    assert client.get(LEARNERS).status_code == 200
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get(LEARNERS).status_code == 401


def test_no_key_for_unknown_or_inactive_accounts():
    gone = a_user(is_active=False)
    for name in ("nobody", gone.username):
        with pytest.raises(CommandError):
            call_command("create_api_token", name)
    assert not AuthToken.objects.exists()
