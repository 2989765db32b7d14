"""Sessions started by an API key are answered before Django is asked, and nobody can tell."""

import http.client
import json
import re
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from knox.models import AuthToken

from progress.models import CourseProgress, KeyDetails, LearningSession
from progress.security.keys import make_key
from tests.factories import (
    a_course_of,
    a_learner,
    a_user,
    an_instructor,
    an_integrator,
    content,
    grant,
)

pytestmark = pytest.mark.django_db(transaction=True)
START, END = "/api/employee/start_session", "/api/employee/end_session"
# Makes a request unusual and changes nothing about its answer.
BY_DJANGO = {"Accept": "application/json;q=0.9"}
CHANGING = {"date", "server", "content-length"}
CHANGES = re.compile(
    r'"(session_id|session_token|stream_url|as_of|start_time|server_time|session_start_time|end_time'
    r'|enrollment_id|user_id|total_sessions)":("[^"]*"|\d+)'
)


def post(site, path, body, authorization, **headers):
    """Status, headers and text of the answer, without what differs from one to the next."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": authorization} | headers
    connection.request("POST", path, sent, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    found = {k.lower(): v for k, v in answer.getheaders() if k.lower() not in CHANGING}
    return answer.status, found, CHANGES.sub(r"\1", text)


def a_key(user, *, scopes=(), **changes) -> str:
    token, key = make_key(user, scopes=scopes, lifetime=None)
    if changes:
        AuthToken.objects.filter(pk=token.pk).update(**changes)
    return f"Token {key}"


@pytest.fixture
def course():
    return a_course_of(
        {"content_type": "video", "duration_seconds": 60, "title": "Fire «doors»"},
        {"content_type": "text"},
    )


# --- Callers -------------------------------------------------------------------------------------
def a_service(course, learner):
    return an_integrator("add_learningsession")


def a_service_by_group(course, learner):
    group, _ = Group.objects.get_or_create(name="integrators")
    group.permissions.set(Permission.objects.filter(codename="add_learningsession"))
    user = a_user()
    user.groups.add(group)
    return user


def the_learner(course, learner):
    return learner


def the_teacher(course, learner):
    return grant(an_instructor(course), "add_learningsession")


def another_teacher(course, learner):
    return grant(an_instructor(), "add_learningsession")


def an_administrator(course, learner):
    return a_user(is_superuser=True, is_staff=True)


def someone_else(course, learner):
    return an_integrator("view_courseprogress")


def a_deactivated_service(course, learner):
    user = an_integrator("add_learningsession")
    user.is_active = False
    user.save()
    return user


CALLERS = {
    a_service: 201,
    a_service_by_group: 201,
    the_learner: 201,
    the_teacher: 201,
    another_teacher: 404,
    an_administrator: 201,
    someone_else: 404,
    a_deactivated_service: 401,
}


@pytest.mark.parametrize("caller", CALLERS, ids=lambda each: each.__name__)
def test_every_caller_is_answered_alike(site, course, caller):
    answers = []
    for headers in ({}, BY_DJANGO):
        learner = a_learner(course)
        key = a_key(caller(course, learner))
        body = {"user_id": learner.pk, "course_id": course.pk}
        answers.append(post(site, START, body, key, **headers))
        assert LearningSession.objects.filter(user=learner).count() == (answers[-1][0] == 201)
    assert answers[0] == answers[1]
    assert answers[0][0] == CALLERS[caller]


def test_an_expired_or_unknown_key_starts_nothing(site, course):
    learner = a_learner(course)
    body = {"user_id": learner.pk, "course_id": course.pk}
    past = timezone.now() - timedelta(seconds=1)
    for key in (a_key(learner, expiry=past), "Token 0123456789abcdef", "Token a b", "Token é"):
        key = key.encode().decode("latin-1")
        ordinary, by_django = (
            post(site, START, body, key),
            post(site, START, body, key, **BY_DJANGO),
        )
        assert ordinary == by_django
        assert ordinary[0] == 401
    assert not LearningSession.objects.exists()


# --- Scopes and last use -------------------------------------------------------------------------
SCOPES = {
    (): 201,
    ("progress:report",): 201,
    ("people:read", "progress:report"): 201,
    ("progress:read",): 403,
    ("courses:manage", "people:manage"): 403,
}


@pytest.mark.parametrize("owner", [a_service, the_learner], ids=lambda each: each.__name__)
@pytest.mark.parametrize("scopes", SCOPES, ids=lambda each: " ".join(each) or "none")
def test_a_key_without_the_scope_starts_nothing_either_way(site, course, owner, scopes):
    answers = []
    for headers in ({}, BY_DJANGO):
        learner = a_learner(course)
        key = a_key(owner(course, learner), scopes=scopes)
        body = {"user_id": learner.pk, "course_id": course.pk}
        answers.append(post(site, START, body, key, **headers))
        assert LearningSession.objects.filter(user=learner).count() == (answers[-1][0] == 201)
    assert answers[0] == answers[1]
    assert answers[0][0] == SCOPES[scopes]
    assert ("scope_missing" in answers[0][2]) == (SCOPES[scopes] == 403)


def test_the_use_of_a_key_is_noted_either_way(site, course):
    for headers in ({}, BY_DJANGO):
        before = timezone.now()
        caller = an_integrator("add_learningsession")
        assert post(site, START, ids_of(course), a_key(caller), **headers)[0] == 201
        assert KeyDetails.objects.get(token__user=caller).last_used_at >= before


def test_a_key_of_before_its_details_were_kept_starts_sessions(site, course):
    caller = an_integrator("add_learningsession")
    key = f"Token {AuthToken.objects.create(caller)[1]}"
    assert [post(site, START, ids_of(course), key)[0] for _ in range(2)] == [201, 201]
    assert KeyDetails.objects.get(token__user=caller).last_used_at is not None


# --- Bodies --------------------------------------------------------------------------------------
NAME = str(uuid.uuid4())
BODIES = {
    "its ids": (201, lambda ids: ids),
    "a module": (201, lambda ids: ids | {"module_id": ids.module}),
    "a content": (201, lambda ids: ids | {"content_id": ids.content}),
    "both": (201, lambda ids: ids | {"content_id": ids.content, "module_id": ids.module}),
    "nulls": (201, lambda ids: ids | {"content_id": None, "device_id": None}),
    "a device": (201, lambda ids: ids | {"device_id": "phone-1"}),
    "an odd device": (201, lambda ids: ids | {"device_id": " Lena's phone\n"}),
    "a long device": (400, lambda ids: ids | {"device_id": "x" * 65}),
    "a device with NUL": (400, lambda ids: ids | {"device_id": "\x00"}),
    "a name": (201, lambda ids: ids | {"client_session_id": str(uuid.uuid4())}),
    "no name": (400, lambda ids: ids | {"client_session_id": "x"}),
    "an unknown field": (201, lambda ids: ids | {"newer": 1}),
    "another module": (400, lambda ids: ids | {"module_id": 10**12}),
    "another content": (400, lambda ids: ids | {"content_id": 10**12}),
    "a content of another module": (400, lambda ids: ids | {"content_id": 1, "module_id": 1}),
    "another course": (404, lambda ids: ids | {"course_id": 10**12}),
    "another learner": (403, lambda ids: ids | {"user_id": 10**12}),
    "a negative id": (403, lambda ids: ids | {"user_id": -1}),
    "a text": (400, lambda ids: ids | {"user_id": "1"}),
    "a boolean": (400, lambda ids: ids | {"user_id": True}),
    "a huge number": (400, lambda ids: ids | {"user_id": 10**30}),
    "a code": (201, lambda ids: {"user_id": ids["user_id"], "course_code": ids.code}),
    "two names": (400, lambda ids: ids | {"course_code": ids.code}),
    "no course": (400, lambda ids: {"user_id": ids["user_id"]}),
    "not JSON": (400, lambda ids: b"{"),
    "not an object": (400, lambda ids: b"[]"),
    "nothing": (400, lambda ids: b""),
}


class Ids(dict):
    """The ids of a learner and a course, and others to be named."""


def ids_of(course) -> Ids:
    ids = Ids(user_id=a_learner(course).pk, course_id=course.pk)
    first = content(course, "c1")
    ids.content, ids.module, ids.code = first.pk, first.module_id, course.code
    return ids


@pytest.mark.parametrize("name", BODIES)
def test_every_body_is_answered_alike(site, course, name):
    status, body = BODIES[name]
    key, answers, stored = a_key(an_integrator("add_learningsession")), [], []
    for headers in ({}, BY_DJANGO):
        ids = ids_of(course)
        answers.append(post(site, START, body(ids), key, **headers))
        rows = LearningSession.objects.filter(user=ids["user_id"])
        progress = CourseProgress.objects.get(user=ids["user_id"])
        stored.append(
            [
                list(rows.values_list("module", "content", "device_id", "course")),
                progress.total_sessions,
                progress.current_module_id,
                progress.session_start_time is not None,
            ]
        )
    assert answers[0] == answers[1]
    assert stored[0] == stored[1]
    assert answers[0][0] == status


def test_a_number_with_a_point_is_answered_alike(site, course):
    key, answers = a_key(an_integrator("add_learningsession")), []
    for headers in ({}, BY_DJANGO):
        ids = ids_of(course)
        body = json.dumps(ids | {"course_id": float(course.pk)}).encode()
        answers.append(post(site, START, body, key, **headers))
    assert answers[0] == answers[1]


def test_the_same_name_gives_the_same_session_either_way(site, course):
    key, ids = a_key(an_integrator("add_learningsession")), ids_of(course)
    body = ids | {"client_session_id": NAME}
    statuses = [post(site, START, body, key, **more)[0] for more in ({}, BY_DJANGO, {}, BY_DJANGO)]
    assert statuses == [201, 200, 200, 200]
    session = LearningSession.objects.get()
    assert str(session.client_session_id) == NAME
    assert CourseProgress.objects.get().total_sessions == 1


# --- The end -------------------------------------------------------------------------------------
def started(site, course):
    """The Authorization of a session that has just begun."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    key = a_key(an_integrator("add_learningsession"))
    headers = {"Content-Type": "application/json", "Authorization": key}
    connection.request("POST", START, json.dumps(ids_of(course)), headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return f"Session {answer['session_token']}"


ENDS = {
    "nothing": (200, lambda course: {}),
    "last events": (
        200,
        lambda course: {
            "events": [
                {"content_id": content(course, "c1").pk, "interaction_type": "view"},
                {"content_id": "x"},
            ]
        },
    ),
    "no list": (400, lambda course: {"events": 1}),
    "too many": (413, lambda course: {"events": [{}] * 201}),
    "another session": (404, lambda course: {"session_id": NAME}),
    "not JSON": (400, lambda course: b"{"),
}


@pytest.mark.parametrize("name", ENDS)
def test_every_end_is_answered_alike(site, course, name):
    status, body = ENDS[name]
    answers = []
    for headers in ({}, BY_DJANGO):
        session = started(site, course)
        sent = body(course)
        answers.append([post(site, END, sent, session, **headers) for _ in range(2)])
    for each in answers[0] + answers[1]:
        assert each[0] == status
    lasting = re.compile(r'"(duration_seconds)":[\d.]+')
    plain = [[(s, h, lasting.sub(r"\1", text)) for s, h, text in both] for both in answers]
    assert plain[0] == plain[1]


def counted(site, route) -> float:
    """Requests so far, by the metrics."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return sum(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("lms_request_seconds_count") and route in line
    )


def test_starts_and_ends_are_counted_under_their_routes(site, course):
    before = counted(site, "start_session"), counted(site, "end_session")
    session = started(site, course)
    post(site, END, {}, session)
    post(site, END, {}, session, **BY_DJANGO)
    assert counted(site, "start_session") == before[0] + 1
    assert counted(site, "end_session") == before[1] + 2
