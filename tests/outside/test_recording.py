"""Recording, finding and withdrawing completions elsewhere through the API, and the guards."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from certificates.models import Certificate
from progress.models import CourseProgress, Enrollment, OutsideCompletion
from progress.security.keys import make_key
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
from tests.support.outside import elsewhere, withdrawn

pytestmark = pytest.mark.django_db
LIST = "/api/outside-completions/"
BULK = f"{LIST}bulk/"
RIGHTS = (
    "view_user",
    "view_enrollment",
    "view_outsidecompletion",
    "add_outsidecompletion",
    "change_outsidecompletion",
)
FACTS = {"completed_on": "2023-03-14", "basis": "in_person", "authority": "Red Cross"}


@pytest.fixture
def course():
    return a_course(code="first-aid")


@pytest.fixture
def lena(course):
    return a_learner(course, username="lena", external_id="hr-17", full_name="Lena")


@pytest.fixture
def hr() -> APIClient:
    return api(an_integrator(*RIGHTS))


def teacher_of(*courses):
    person = an_instructor(*courses)
    return grant(person, "view_course", *RIGHTS)


def faults(answer) -> dict:
    assert answer.status_code == 400, answer.content
    return {error["attr"]: error["code"] for error in answer.json()["errors"]}


# --- Recording -----------------------------------------------------------------------------------
def test_it_says_who_recorded_what_on_what_basis(hr, course, lena):
    sent = {
        "external_id": "hr-17",
        "course_code": "first-aid",
        **FACTS,
        "reference": "RC-2023-881",
        "score": 92.5,
        "valid_until": "2026-12-31",
    }
    answer = hr.post(LIST, sent)
    assert answer.status_code == 201, answer.content
    row = answer.json()
    for name in ("completed_on", "basis", "authority", "reference", "score", "valid_until"):
        assert row[name] == sent[name]
    assert (row["user_id"], row["course_id"]) == (lena.pk, course.pk)
    assert row["recorded_by"] and row["withdrawn_at"] is None and row["recorded_key"] == ""
    assert hr.get(f"{LIST}{row['id']}/").json() == row
    # The same again finds it; other facts about that day are refused, and change nothing.
    assert hr.post(LIST, sent).status_code == 200
    assert faults(hr.post(LIST, sent | {"score": 80})) == {"completed_on": "already_recorded"}
    assert OutsideCompletion.objects.get().score_bp == 9250


def test_nothing_that_is_measured_here_changes(hr, course, lena):
    before = list(CourseProgress.objects.values())
    hr.post(LIST, {"username": "lena", "course_code": "first-aid", **FACTS})
    assert list(CourseProgress.objects.values()) == before
    assert Enrollment.objects.count() == 1 and not Certificate.objects.exists()
    shown = hr.get("/api/enrollments/", {"user_id": lena.pk}).json()["results"][0]
    assert (shown["is_complete"], shown["completion_percentage"]) == (False, 0)


def test_a_key_is_named(course, lena):
    account = an_integrator(*RIGHTS)
    _token, key = make_key(account, name="HR sync", lifetime=timedelta(days=1))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    row = client.post(LIST, {"user_id": lena.pk, "course_id": course.pk, **FACTS}).json()
    assert row["recorded_key"].startswith("HR sync (lp_")
    gone = client.post(f"{LIST}{row['id']}/withdraw/", {"reason": "Wrong person"}).json()
    assert gone["withdrawn_key"] == row["recorded_key"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"completed_on": "2026-05-05"}, {"completed_on": "invalid"}),
        ({"completed_on": "yesterday"}, {"completed_on": "invalid"}),
        ({"completed_on": "1066-10-14"}, {"completed_on": "invalid"}),
        ({"valid_until": "2023-03-13"}, {"valid_until": "invalid"}),
        ({"valid_until": "9999-12-31"}, {"valid_until": "invalid"}),
        ({"basis": "hearsay"}, {"basis": "invalid_choice"}),
        ({"basis": "other"}, {"details": "invalid"}),
        ({"authority": ""}, {"authority": "blank"}),
        ({"authority": "x" * 201}, {"authority": "max_length"}),
        ({"score": 100.5}, {"score": "max_value"}),
        ({"score": -1}, {"score": "min_value"}),
        ({"score": "90"}, {"score": "invalid"}),
        ({"score": True}, {"score": "invalid"}),
        ({"score": 33.333}, {"score": "max_decimal_places"}),
        ({"grade": 1}, {"grade": "unknown_field"}),
        ({"user_id": 1}, {"external_id": "invalid"}),
        ({"course_code": "no-such"}, {"course_code": "does_not_exist"}),
    ],
)
def test_bad_input_is_named(changes, wrong, hr, course, lena):
    sent = {"external_id": "hr-17", "course_code": "first-aid", **FACTS} | changes
    with time_machine.travel(NOON, tick=False):
        assert faults(hr.post(LIST, sent)) == wrong
    assert not OutsideCompletion.objects.exists()


def test_today_is_the_learners_day(hr, course, lena):
    lena.time_zone = "Pacific/Kiritimati"  # 14 hours ahead
    lena.save()
    sent = {"external_id": "hr-17", "course_code": "first-aid", **FACTS}
    with time_machine.travel(NOON, tick=False):
        assert hr.post(LIST, sent | {"completed_on": "2026-05-05"}).status_code == 201
        assert faults(hr.post(LIST, sent | {"completed_on": "2026-05-06"})) == {
            "completed_on": "invalid"
        }


def test_many_at_once_each_have_their_result(hr, course, lena):
    omar = a_learner(course, username="omar")
    rows = [
        {"username": "lena", "course_code": "first-aid", **FACTS},
        {"username": "omar", "course_code": "first-aid", **FACTS, "completed_on": "2999-01-01"},
        {"username": "nobody", "course_code": "first-aid", **FACTS},
        {"username": "omar", "course_code": "first-aid", **FACTS},
        {"username": "lena", "course_code": "first-aid", **FACTS},
        "no row",
    ]
    dry = hr.post(BULK, {"rows": rows, "dry_run": True}).json()
    assert not dry["is_written"] and not OutsideCompletion.objects.exists()
    body = hr.post(BULK, {"rows": rows}).json()
    expected = ["created", "invalid", "invalid", "created", "unchanged", "invalid"]
    for found in (dry, body):
        assert [result["status"] for result in found["results"]] == expected
    assert body["results"][1]["errors"][0]["attr"] == "completed_on"
    people = OutsideCompletion.objects.order_by("pk").values_list("user", flat=True)
    assert list(people) == [lena.pk, omar.pk]
    whole = hr.post(BULK, {"rows": rows[1:3], "all_or_nothing": True}).json()
    assert not whole["is_written"]
    too_many = hr.post(BULK, {"rows": [rows[0]] * 1001})
    assert faults(too_many) == {"rows": "max_length"}


# --- Who may -------------------------------------------------------------------------------------
def test_nobody_records_or_withdraws_their_own(course):
    boss = a_user(username="boss", is_staff=True, is_superuser=True)
    enrolled(boss, course)
    client = api(boss)
    sent = {"username": "boss", "course_code": "first-aid", **FACTS}
    assert faults(client.post(LIST, sent)) == {"username": "own"}
    own = elsewhere(course, boss)
    assert client.post(f"{LIST}{own.pk}/withdraw/", {"reason": "x"}).status_code == 403


def test_a_learner_sees_their_own_and_writes_nothing(course, lena):
    own = elsewhere(course, lena)
    elsewhere(course, a_learner(course))
    client = api(lena)
    assert [row["id"] for row in client.get(LIST).json()["results"]] == [own.pk]
    sent = {"username": "lena", "course_code": "first-aid", **FACTS}
    assert client.post(LIST, sent).status_code == 403
    assert client.post(BULK, {"rows": [sent]}).status_code == 403
    assert client.post(f"{LIST}{own.pk}/withdraw/", {"reason": "x"}).status_code == 403


def test_whoever_was_never_enrolled_sees_what_was_recorded(course):
    person = a_user()
    assert api(person).get(LIST).status_code == 403
    elsewhere(course, person)
    assert api(person).get(LIST).json()["count"] == 1


def test_an_instructor_writes_of_own_courses_and_their_learners(course, lena):
    other = a_course(code="other")
    stranger = a_learner(other, username="stranger")
    client = api(teacher_of(course))
    sent = {"username": "lena", "course_code": "first-aid", **FACTS}
    made = client.post(LIST, sent).json()
    assert faults(client.post(LIST, sent | {"course_code": "other"})) == {
        "course_code": "does_not_exist"
    }
    assert faults(client.post(LIST, sent | {"username": "stranger"})) == {
        "username": "does_not_exist"
    }
    theirs = elsewhere(other, stranger)
    assert [row["id"] for row in client.get(LIST).json()["results"]] == [made["id"]]
    assert client.get(f"{LIST}{theirs.pk}/").status_code == 404
    assert client.post(f"{LIST}{theirs.pk}/withdraw/", {"reason": "x"}).status_code == 404
    assert client.post(f"{LIST}{made['id']}/withdraw/", {"reason": "x"}).status_code == 200
    only_reads = grant(an_instructor(course), "view_course", "view_outsidecompletion")
    assert api(only_reads).post(LIST, sent).status_code == 403
    assert api(only_reads).post(f"{LIST}{made['id']}/withdraw/", {"reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("scope", "status"),
    [("people:manage", 201), ("courses:manage", 201), ("progress:read", 403)],
)
def test_a_key_needs_a_scope_to_write(scope, status, course, lena):
    _token, key = make_key(an_integrator(*RIGHTS), scopes=[scope], lifetime=timedelta(days=1))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    sent = {"username": "lena", "course_code": "first-aid", **FACTS}
    assert client.get(LIST).status_code == 200
    assert client.post(LIST, sent).status_code == status


# --- The list ------------------------------------------------------------------------------------
def test_it_is_filtered_and_followed(hr, course, lena):
    first = elsewhere(course, lena, days_ago=400, valid_until=timezone.localdate())
    second = elsewhere(course, a_learner(course), basis="other", details="By letter")

    def found(**query):
        return {row["id"] for row in hr.get(LIST, query).json()["results"]}

    assert found(user_id=lena.pk) == {first.pk}
    assert found(basis="other") == {second.pk}
    assert faults(hr.get(LIST, {"basis": "hearsay"})) == {"basis": "invalid_choice"}
    since = timezone.now().isoformat()
    withdrawn(first)
    assert found(updated_since=since) == {first.pk}
    assert found(in_force="true") == {second.pk} and found(in_force="false") == {first.pk}
    assert found(recorded_after=timezone.now().isoformat()) == set()


def test_fifty_cost_as_many_statements_as_one(hr, course):
    elsewhere(course, a_learner(course), by=a_user())

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            hr.get(LIST, {"page_size": 100})
        return len(seen)

    statements()  # reads the caller's permissions
    few = statements()
    for _ in range(50):
        elsewhere(course, a_learner(course), by=a_user())
    assert statements() == few


# --- Withdrawing, and the guards of the database -------------------------------------------------
def test_it_is_withdrawn_once_with_a_reason_and_kept(hr, course, lena):
    made = elsewhere(course, lena)
    address = f"{LIST}{made.pk}/withdraw/"
    assert faults(hr.post(address, {})) == {"reason": "required"}
    assert faults(hr.post(address, {"reason": "x", "why": "y"})) == {"why": "unknown_field"}
    row = hr.post(address, {"reason": "Another person's certificate"}).json()
    assert row["withdrawn_at"] and not row["is_valid"] and row["withdrawn_by"]
    again = hr.post(address, {"reason": "Something else"})
    assert again.status_code == 409
    assert hr.get(f"{LIST}{made.pk}/").json()["withdrawal_reason"].startswith("Another")
    # The right one may be recorded for the same day.
    sent = {"username": "lena", "course_code": "first-aid", **FACTS}
    assert hr.post(LIST, sent | {"completed_on": str(made.completed_on)}).status_code == 201


@pytest.mark.parametrize("name", ["authority", "completed_on", "recorded_at", "score_bp"])
def test_the_database_refuses_to_change_a_record(name, course, lena):
    made = elsewhere(course, lena)
    value = {"authority": "x", "score_bp": 1}.get(name, timezone.now() - timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        OutsideCompletion.objects.filter(pk=made.pk).update(**{name: value})
    withdrawn(made)
    with pytest.raises(IntegrityError), transaction.atomic():
        OutsideCompletion.objects.filter(pk=made.pk).update(
            withdrawn_at=None, withdrawal_reason="", withdrawn_by=None
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        made.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        lena.delete()


def test_two_requests_at_once_record_one(hr, course, lena, monkeypatch):
    """The second one reads before the first has committed, and finds its record afterwards."""
    from progress.ingest import outside_completions

    read = outside_completions.recorded
    blind = [True]

    def as_if_before(facts):
        return {} if blind and blind.pop() else read(facts)

    sent = {"username": "lena", "course_code": "first-aid", **FACTS}
    made = hr.post(LIST, sent).json()
    monkeypatch.setattr(outside_completions, "recorded", as_if_before)
    answer = hr.post(LIST, sent)
    assert (answer.status_code, answer.json()["id"]) == (200, made["id"])
