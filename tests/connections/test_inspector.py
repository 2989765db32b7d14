"""The event inspector shows what a key or a session sends, with each answer, and no secrets."""

import gc
import json

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken
from rest_framework.test import APIClient

from connections.inspector import store, watching
from tests.factories import a_course_of, a_learner, a_user, an_instructor
from tests.support.employee_api import UPDATE, VIDEO, Learner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_watched_yet():
    watching.watched.refresh()
    yield
    watching.watched._targets = frozenset()


def signed_in(user) -> Client:
    window = Client()
    window.force_login(user)
    return window


def tail(window, **asked) -> dict:
    answer = window.get(reverse("admin:inspector-tail"), asked)
    watching.watched.refresh()
    return answer.json()


@pytest.fixture
def boss():
    return a_user(is_staff=True, is_superuser=True)


@pytest.fixture
def key(boss) -> str:
    return AuthToken.objects.create(boss)[1]


def with_key(key) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_what_a_key_sends_is_shown_with_each_answer(boss, key):
    window = signed_in(boss)
    assert tail(window, key=key[:15]) == {"entries": [], "unreachable": False}
    with_key(key).post("/api/learners/", {"username": "lena", "password": "fire-door-77"})
    with_key(key).get("/api/learners/?colour=red")
    first, second = tail(window, key=key[:15])["entries"]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/api/learners/", 201)
    sent = json.loads(first["request"])
    assert sent["username"] == "lena"
    assert "fire-door-77" not in json.dumps(first)
    assert json.loads(first["answer"])["username"] == "lena"
    assert (second["path"], second["status"]) == ("/api/learners/?colour=red", 400)
    assert "unknown_parameter" in second["answer"]
    assert [each["number"] for each in tail(window, key=key[:15], after=1)["entries"]] == [2]


def test_a_refused_body_and_a_wrong_key_are_shown_too(boss, key):
    window = signed_in(boss)
    tail(window, key=key[:15])
    with_key(key).post("/api/courses/", "{nonsense", content_type="application/json")
    with_key(key[:15] + "0" * (len(key) - 15)).get("/api/courses/")
    broken, stranger = tail(window, key=key[:15])["entries"]
    assert broken["status"] == 400
    assert "not JSON" in broken["request"]
    assert stranger["status"] == 401


def test_others_are_not_noted_and_nobody_is_when_nothing_is_watched(boss, key):
    window = signed_in(boss)
    with_key(key).get("/api/courses/")
    tail(window, key=key[:15])
    with_key(AuthToken.objects.create(boss)[1]).get("/api/courses/")
    assert tail(window, key=key[:15])["entries"] == []


@pytest.mark.parametrize("where", ["header", "body"])
def test_what_a_session_sends_is_shown(where, boss):
    window, learner = signed_in(boss), Learner(a_course_of(VIDEO))
    learner.start()
    session = learner.started["session_id"]
    tail(window, session=session)
    event = {"content_id": 1, "interaction_type": "play", "session_id": session}
    if where == "header":
        learner.update(event)
    else:
        token = {"session_token": learner.started["session_token"]}
        APIClient().post(UPDATE, json.dumps(event | token), content_type="text/plain")
    [entry] = tail(window, session=session)["entries"]
    assert entry["path"] == UPDATE
    assert json.loads(entry["request"])["interaction_type"] == "play"
    assert learner.started["session_token"] not in json.dumps(entry)


def test_a_tracker_that_is_watched_is_answered_by_django_and_others_are_not(boss):
    one, other = Learner(a_course_of(VIDEO)), Learner(a_course_of(VIDEO))
    for learner in (one, other):
        learner.start()
        learner.credential = f"Session {learner.started['session_token']}".encode()
    assert not watching.may_be_watched(one.credential)
    tail(signed_in(boss), session=one.started["session_id"])
    assert watching.may_be_watched(one.credential)
    assert not watching.may_be_watched(other.credential)
    assert watching.may_be_watched(None)


def test_watching_begins_within_two_seconds_in_every_process(boss, key, monkeypatch):
    window = signed_in(boss)
    with_key(key).get("/api/courses/")  # now this process knows that nothing is watched
    window.get(reverse("admin:inspector-tail"), {"key": key[:15]})
    later = watching.time.monotonic() + watching.REFRESH_SECONDS
    monkeypatch.setattr(watching.time, "monotonic", lambda: later)
    with_key(key).get("/api/courses/")
    assert len(tail(window, key=key[:15])["entries"]) == 1


def test_the_page_shows_what_is_there_and_works_without_its_script(boss, key):
    window = signed_in(boss)
    tail(window, key=key[:15])
    with_key(key).post("/api/learners/", {"username": "<script>alert(1)</script>"})
    shown = window.get(reverse("admin:inspector"), {"key": key[:15]}).content.decode()
    assert "POST /api/learners/" in shown
    assert "<script>alert(1)" not in shown


def test_staff_watch_their_own_keys_and_the_sessions_of_their_courses(key):
    own, other = a_course_of(VIDEO), a_course_of(VIDEO)
    instructor = an_instructor(own)
    instructor.user_permissions.add(Permission.objects.get(codename="view_learningsession"))
    window = signed_in(instructor)
    mine, theirs = Learner(own), Learner(other)
    for learner in (mine, theirs):
        learner.start()
    address = reverse("admin:inspector-tail")
    for asked, status in (
        ({"session": mine.started["session_id"]}, 200),
        ({"session": theirs.started["session_id"]}, 404),
        ({"session": "nonsense"}, 404),
        ({"key": key[:15]}, 404),
        ({"key": AuthToken.objects.create(instructor)[1][:15]}, 200),
        ({}, 404),
    ):
        assert window.get(address, asked).status_code == status, asked


def test_people_without_keys_or_permission_open_nothing():
    window = signed_in(a_user(is_staff=True))
    assert window.get(reverse("admin:inspector")).status_code == 403
    assert window.get(reverse("admin:inspector-tail")).status_code == 403
    assert signed_in(a_learner()).get(reverse("admin:inspector")).status_code == 302


def test_a_store_that_is_away_changes_no_answer(boss, key, settings):
    tail(signed_in(boss), key=key[:15])
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert with_key(key).get("/api/learners/").status_code == 200
    window = signed_in(boss)
    assert window.get(reverse("admin:inspector"), {"key": key[:15]}).status_code == 200
    answer = window.get(reverse("admin:inspector-tail"), {"key": key[:15]}).json()
    assert answer == {"entries": [], "unreachable": True}


def test_only_the_last_requests_are_kept(monkeypatch):
    monkeypatch.setattr(store, "MAX_ENTRIES", 3)
    for number in range(5):
        store.add("key:x", {"path": str(number)})
    assert [each["path"] for each in store.entries("key:x")] == ["2", "3", "4"]


# --- Statements ----------------------------------------------------------------------------------
def test_the_page_costs_as_many_statements_with_twenty_keys_as_with_one(
    boss, key, django_assert_max_num_queries
):
    window = signed_in(boss)
    address = reverse("admin:inspector")
    window.get(address, {"key": key[:15]})  # what is kept afterwards, such as permissions' types
    with django_assert_max_num_queries(12) as first:
        window.get(address, {"key": key[:15]})
    for _ in range(20):
        AuthToken.objects.create(a_user(is_staff=True))
    with django_assert_max_num_queries(len(first)):
        window.get(address, {"key": key[:15]})


def test_what_is_new_costs_as_many_statements_for_many_requests_as_for_one(
    boss, key, django_assert_max_num_queries
):
    window = signed_in(boss)
    tail(window, key=key[:15])
    with_key(key).get("/api/learners/")
    with django_assert_max_num_queries(8) as first:
        tail(window, key=key[:15])
    count = len(first)  # later requests empty the log
    for _ in range(20):
        with_key(key).get("/api/learners/")
    with django_assert_max_num_queries(count):
        assert len(tail(window, key=key[:15])["entries"]) == 21


def test_a_request_that_is_watched_takes_no_statement_more(
    boss, key, django_assert_num_queries, django_assert_max_num_queries
):
    client = with_key(key)
    client.get("/api/learners/")
    with django_assert_max_num_queries(20) as before:
        client.get("/api/learners/")
    count = len(before)
    tail(signed_in(boss), key=key[:15])
    with django_assert_num_queries(count):
        client.get("/api/learners/")
    assert len(tail(signed_in(boss), key=key[:15])["entries"]) == 1


def test_asking_what_is_watched_leaves_nothing_in_memory():
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            watching.watched.refresh()
        unreachable = gc.collect()
    finally:
        gc.enable()
    assert unreachable == 0
