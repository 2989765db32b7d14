"""Learners and enrolments by the names that other systems know, one or many at a time."""

import json

import pytest
from django.contrib.auth.hashers import check_password
from rest_framework.test import APIClient

from progress.ingest.enrolling import enroll
from progress.models import Enrollment, User
from tests.factories import (
    NOON,
    a_course,
    a_learner,
    a_user,
    an_instructor,
    an_integrator,
    enrolled,
    grant,
)
from tests.support.callers import api

pytestmark = pytest.mark.django_db
UPSERT, PEOPLE, ENROLLMENTS = (
    "/api/learners/upsert/",
    "/api/learners/bulk/",
    "/api/enrollments/bulk/",
)


@pytest.fixture
def hr() -> APIClient:
    return api(
        an_integrator(
            "add_user",
            "change_user",
            "view_user",
            "view_enrollment",
            "add_enrollment",
            "change_enrollment",
            "delete_enrollment",
        )
    )


def bulk(client, address: str, *rows, **options) -> dict:
    answer = client.post(address, {"rows": list(rows)} | options)
    assert answer.status_code == 200, answer.content
    return answer.json()


def sent_escaped(client, address: str, data: dict):
    """With every other character as JSON escapes it: only so can half a character be sent."""
    return client.post(address, json.dumps(data), content_type="application/json")


def statuses(body: dict) -> list[str]:
    return [result["status"] for result in body["results"]]


def faults(result: dict) -> dict:
    return {error["attr"]: error["code"] for error in result["errors"]}


# --- One learner ---------------------------------------------------------------------------------
def test_a_learner_is_created_then_changed_by_the_external_id(hr):
    made = hr.post(UPSERT, {"external_id": "hr-1", "username": "lena", "department": "IT"})
    assert (made.status_code, made.json()["department"]) == (201, "IT")
    again = hr.post(UPSERT, {"external_id": "hr-1", "department": "Sales"})
    assert (again.status_code, again.json()) == (200, made.json() | {"department": "Sales"})
    by_name = hr.post(UPSERT, {"username": "LENA", "email": "lena@example.org"})
    assert (by_name.status_code, by_name.json()["id"]) == (200, made.json()["id"])
    renamed = hr.post(UPSERT, {"external_id": "hr-1", "username": "lena.fischer"})
    assert (renamed.status_code, renamed.json()["username"]) == (200, "lena.fischer")
    assert User.objects.filter(external_id="hr-1").count() == 1


def test_an_upsert_gives_an_account_its_external_id(hr):
    lena = a_user(username="lena")
    assert hr.post(UPSERT, {"username": "lena", "external_id": "hr-1"}).status_code == 200
    lena.refresh_from_db()
    assert lena.external_id == "hr-1"


@pytest.mark.parametrize(
    ("data", "attr", "code"),
    [
        ({}, "username", "invalid"),
        ({"external_id": "new"}, "username", "required"),
        ({"external_id": "hr-1", "username": "omar"}, "external_id", "unique"),
        ({"username": "omar", "is_active": False}, "is_active", "read_only"),
        ({"username": "omar", "action": "deactivate"}, "action", "unknown_field"),
        ({"username": "omar", "time_zone": "Mars"}, "time_zone", "invalid"),
        ({"username": "not a name"}, "username", "invalid"),
        ({"username": "new", "password": "123"}, "password", "password_too_short"),
    ],
)
def test_what_is_wrong_with_an_upsert_is_named(data, attr, code, hr):
    a_user(username="lena", external_id="hr-1")
    a_user(username="omar")
    answer = hr.post(UPSERT, data)
    assert answer.status_code == 400
    assert (attr, code) in {(e["attr"], e["code"]) for e in answer.json()["errors"]}


def test_a_password_is_stored_hashed(hr):
    hr.post(UPSERT, {"username": "lena", "password": "a long enough sentence"})
    lena = User.objects.get(username="lena")
    assert check_password("a long enough sentence", lena.password)
    hr.post(UPSERT, {"username": "lena", "password": "another long sentence"})
    lena.refresh_from_db()
    assert check_password("another long sentence", lena.password)


# --- Many learners -------------------------------------------------------------------------------
def test_each_row_has_its_own_result_and_a_bad_one_stops_no_other(hr):
    a_user(username="lena", department="IT")
    body = bulk(
        hr,
        PEOPLE,
        {"username": "omar"},
        {"username": "not a name"},
        "no object",
        {"username": "lena", "department": "IT"},
        {"username": "lena", "department": "Sales"},
        {"username": "omar", "external_id": "hr-2"},
        {"username": "zoe", "colour": "red"},
    )
    assert body["is_written"] is True
    assert statuses(body) == [
        "created",
        "invalid",
        "invalid",
        "unchanged",
        "updated",
        "updated",
        "invalid",
    ]
    assert faults(body["results"][1]) == {"username": "invalid"}
    assert faults(body["results"][2]) == {None: "not_a_dict"}
    assert faults(body["results"][6]) == {"colour": "unknown_field"}
    omar = User.objects.get(username="omar")
    assert (body["results"][0]["id"], omar.external_id) == (omar.pk, "hr-2")
    assert not User.objects.filter(username="zoe").exists()


def test_half_a_character_is_quoted_as_a_replacement(hr):
    rows = [{"username": "lena", "action": "\ud800"}, {"\udc00": 1}, {"username": "omar"}]
    body = sent_escaped(hr, PEOPLE, {"rows": rows}).json()
    assert statuses(body) == ["invalid", "invalid", "created"]
    assert "\ufffd" in body["results"][0]["errors"][0]["detail"]
    assert faults(body["results"][1]) == {"\ufffd": "unknown_field"}


# A null character and half a character: no text of the database has them.
@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "x\udfff"])
@pytest.mark.parametrize(
    "name", ["username", "external_id", "full_name", "manager_username", "manager_external_id"]
)
def test_a_text_that_cannot_be_stored_costs_no_other_row(name, odd, hr):
    wrong = {"username": "zoe", name: odd}
    rows = [{"username": "omar"}, wrong, {"username": "lena"}]
    body = sent_escaped(hr, PEOPLE, {"rows": rows}).json()
    assert statuses(body) == ["created", "invalid", "created"]
    assert set(faults(body["results"][1])) == {name}


@pytest.mark.parametrize("odd", ["a\0b", "\ud800"])
@pytest.mark.parametrize("name", ["username", "external_id", "course_code"])
def test_nor_does_an_enrolment_by_such_a_name(name, odd, hr):
    course = a_course(code="c")
    lena = a_user(username="lena")
    wrong = {"course_code": odd, "user_id": lena.pk}
    if name != "course_code":
        wrong = {name: odd, "course_code": "c"}
    rows = [wrong, {"username": "lena", "course_code": "c"}]
    body = sent_escaped(hr, ENROLLMENTS, {"rows": rows}).json()
    assert statuses(body) == ["invalid", "created"]
    assert set(faults(body["results"][0])) == {name}
    one = sent_escaped(hr, "/api/enrollments/", wrong)
    assert (one.status_code, one.json()["errors"][0]["attr"]) == (400, name)
    assert Enrollment.objects.get().course_id == course.pk


def test_all_or_nothing_writes_nothing_when_a_row_is_wrong(hr):
    body = bulk(hr, PEOPLE, {"username": "omar"}, {"username": "?"}, all_or_nothing=True)
    assert (body["is_written"], statuses(body)) == (False, ["not_written", "invalid"])
    assert "id" not in body["results"][0]
    assert not User.objects.filter(username="omar").exists()
    body = bulk(hr, PEOPLE, {"username": "omar"}, all_or_nothing=True)
    assert (body["is_written"], statuses(body)) == (True, ["created"])


def test_a_dry_run_says_what_it_would_do_and_does_nothing(hr):
    lena = a_user(username="lena")
    body = bulk(
        hr,
        PEOPLE,
        {"username": "omar"},
        {"username": "lena", "department": "IT"},
        {"username": "?"},
        {"username": "lena", "action": "deactivate"},
        dry_run=True,
    )
    assert (body["is_written"], statuses(body)) == (
        False,
        ["created", "updated", "invalid", "updated"],
    )
    assert "id" not in body["results"][0] and body["results"][1]["id"] == lena.pk
    lena.refresh_from_db()
    assert (lena.department, lena.is_active) == ("", True)
    assert not User.objects.filter(username="omar").exists()


def test_people_are_deactivated_and_reactivated_in_bulk(hr):
    lena, omar = a_user(username="lena"), a_user(external_id="hr-2")
    rows = [{"username": "lena"}, {"external_id": "hr-2"}, {"username": "nobody"}]
    body = bulk(hr, PEOPLE, *(row | {"action": "deactivate"} for row in rows))
    assert statuses(body) == ["updated", "updated", "invalid"]
    assert not User.objects.filter(pk__in=[lena.pk, omar.pk], is_active=True).exists()
    body = bulk(hr, PEOPLE, *(row | {"action": "reactivate"} for row in rows[:2]))
    assert statuses(body) == ["updated", "updated"]
    wrong = bulk(hr, PEOPLE, {"username": "lena", "action": "deactivate", "department": "IT"})
    assert faults(wrong["results"][0]) == {"department": "invalid"}


@pytest.mark.parametrize("address", [PEOPLE, ENROLLMENTS])
@pytest.mark.parametrize(
    ("data", "attr"),
    [
        ({}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": {}}, "rows"),
        ({"rows": [{}] * 1001}, "rows"),
        ({"rows": [{}], "dryrun": True}, "dryrun"),
        ({"rows": [{}], "dry_run": "perhaps"}, "dry_run"),
    ],
)
def test_what_is_no_bulk_request_is_refused_by_name(address, data, attr, hr):
    answer = hr.post(address, data)
    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} == {attr}


def test_a_thousand_rows_in_one_request(hr):
    rows = [{"username": f"person{n}", "external_id": f"hr-{n}"} for n in range(1000)]
    assert set(statuses(bulk(hr, PEOPLE, *rows))) == {"created"}
    assert set(statuses(bulk(hr, PEOPLE, *rows))) == {"unchanged"}


def test_an_instructor_changes_nobody_elses_learners():
    own, foreign = a_course(), a_course()
    teacher = grant(an_instructor(own), "change_enrollment", "add_enrollment", "add_user")
    mine, theirs = a_learner(own, username="mine"), a_learner(foreign, username="theirs")
    body = bulk(api(teacher), PEOPLE, {"username": "mine", "department": "IT"})
    assert faults(body["results"][0]) == {None: "permission_denied"}
    body = bulk(api(teacher), PEOPLE, {"username": "theirs", "department": "IT"})
    assert faults(body["results"][0]) == {"username": "unique"}
    mine.refresh_from_db()
    assert (mine.department, theirs.department) == ("", "")


@pytest.mark.parametrize("address", [UPSERT, PEOPLE, ENROLLMENTS])
def test_without_any_right_to_write_the_door_is_closed(address):
    for person in (a_user(), an_integrator("view_user", "view_enrollment")):
        answer = api(person).post(address, {"rows": [{}]})
        assert answer.status_code == 403
    assert APIClient().post(address, {"rows": [{}]}).status_code == 401


# --- Enrolments ----------------------------------------------------------------------------------
def test_enrolments_by_any_name_of_learner_and_course(hr):
    course = a_course(code="safety-101")
    lena = a_user(username="lena", external_id="hr-1")
    body = bulk(
        hr,
        ENROLLMENTS,
        {"external_id": "hr-1", "course_code": "safety-101", "due_at": "2027-01-31"},
        {"username": "Lena", "course_id": course.pk},
        {"user_id": lena.pk, "course_code": "safety-101", "due_at": "2027-02-28"},
    )
    assert statuses(body) == ["created", "unchanged", "updated"]
    row = Enrollment.objects.get()
    assert {result["id"] for result in body["results"]} == {row.pk}
    assert row.due_at.isoformat() == "2027-02-28T23:59:59+00:00"


def test_due_dates_new_cycles_and_unenrolments_in_bulk(hr):
    course = a_course(code="c")
    row = enrolled(a_user(username="lena"), course)
    name = {"username": "lena", "course_code": "c"}
    body = bulk(
        hr,
        ENROLLMENTS,
        name | {"action": "set_due", "due_at": "2027-01-31T12:00:00Z"},
        name | {"action": "set_due", "due_at": None},
        name | {"action": "set_due", "due_at": None},
        name | {"action": "new_cycle", "due_at": "2027-06-30"},
        name | {"action": "unenroll"},
        name | {"action": "unenroll"},
        name,
    )
    assert statuses(body) == [
        "updated",
        "updated",
        "unchanged",
        "created",
        "updated",
        "unchanged",
        "updated",
    ]
    row.refresh_from_db()
    assert (row.is_current, row.due_at) == (False, None)
    newest = Enrollment.objects.get(is_current=True)
    assert (newest.cycle, newest.unenrolled_at) == (2, None)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({}, {"user_id": "required", "course_id": "required"}),
        ({"username": "lena"}, {"course_id": "required"}),
        ({"username": "lena", "user_id": 1, "course_code": "c"}, {"username": "invalid"}),
        ({"username": "nobody", "course_code": "c"}, {"username": "does_not_exist"}),
        ({"external_id": "none", "course_code": "c"}, {"external_id": "does_not_exist"}),
        ({"username": "lena", "course_code": "none"}, {"course_code": "does_not_exist"}),
        ({"username": "lena", "course_id": 2**63}, {"course_id": "max_value"}),
        ({"username": "lena", "course_code": "c", "action": "x"}, {"action": "invalid_choice"}),
        ({"username": "lena", "course_code": "c", "due_at": "soon"}, {"due_at": "invalid"}),
        ({"username": "lena", "course_code": "c", "action": "set_due"}, {"due_at": "required"}),
        ({"username": "lena", "course_code": "c", "role": "x"}, {"role": "unknown_field"}),
        ({"username": "lena", "course_code": "c", "action": "unenroll"}, {None: "not_enrolled"}),
    ],
)
def test_what_is_wrong_with_an_enrolment_is_named(row, wrong, hr):
    a_course(code="c")
    a_user(username="lena")
    body = bulk(hr, ENROLLMENTS, row)
    assert (statuses(body), faults(body["results"][0])) == (["invalid"], wrong)
    assert not Enrollment.objects.exists()


def test_a_dry_run_of_enrolments_writes_nothing(hr):
    a_course(code="c")
    a_user(username="lena")
    body = bulk(hr, ENROLLMENTS, {"username": "lena", "course_code": "c"}, dry_run=True)
    assert (statuses(body), body["is_written"]) == (["created"], False)
    assert not Enrollment.objects.exists()


def test_an_instructor_enrols_own_learners_in_own_courses_only():
    own, foreign = a_course(code="own"), a_course(code="foreign")
    teacher = grant(an_instructor(own), "add_enrollment", "change_enrollment")
    mine, theirs = a_learner(own, username="mine"), a_learner(foreign, username="theirs")
    body = bulk(
        api(teacher),
        ENROLLMENTS,
        {"username": "mine", "course_code": "own"},
        {"username": "mine", "course_code": "foreign"},
        {"username": "theirs", "course_code": "own"},
        {"username": "mine", "course_code": "own", "action": "unenroll"},
    )
    assert statuses(body) == ["unchanged", "invalid", "invalid", "invalid"]
    assert faults(body["results"][1]) == {"course_code": "does_not_exist"}
    assert faults(body["results"][2]) == {"username": "does_not_exist"}
    assert faults(body["results"][3]) == {None: "permission_denied"}
    assert Enrollment.objects.filter(user__in=[mine, theirs]).count() == 2


def test_one_enrolment_by_names(hr):
    course = a_course(code="c")
    lena = a_user(username="lena", external_id="hr-1")
    made = hr.post("/api/enrollments/", {"external_id": "hr-1", "course_code": "c"})
    assert (made.status_code, made.json()["user_id"]) == (201, lena.pk)
    again = hr.post("/api/enrollments/", {"username": "lena", "course_id": course.pk})
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    twice = hr.post("/api/enrollments/", {"username": "lena", "user_id": lena.pk, "course_id": 1})
    assert twice.json()["errors"][0]["attr"] == "username"
    for name, value in (("username", "x"), ("external_id", ["x"]), ("username", None)):
        answer = hr.post("/api/enrollments/", {name: value, "course_id": course.pk})
        assert answer.json()["errors"][0]["attr"] == name
    assert enroll(lena.pk, course.pk, now=NOON).is_new is False
