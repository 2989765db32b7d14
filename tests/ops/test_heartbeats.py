"""Ordinary reports are answered before Django is asked, and nobody can tell from the answer."""

import asyncio
import http.client
import json
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from lms_progress.heartbeats import Heartbeats
from progress.ingest.checking import check
from progress.ingest.recording import CommitUnknown
from progress.models import ContentInteraction, CourseProgress, LearningSession
from progress.security import tokens
from tests.factories import a_course_of, a_session, content

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/employee/update_progress"
# Makes a request unusual and changes nothing about its answer.
BY_DJANGO = {"Accept": "application/json;q=0.9"}
CHANGING = {"date", "content-length", "server"}


@pytest.fixture
def course():
    quiz = {
        "content_type": "quiz",
        "questions": [
            {"code": "q", "text": "?", "choices": [{"text": "a", "correct": True}, {"text": "b"}]}
        ],
    }
    return a_course_of({"content_type": "video", "duration_seconds": 600}, quiz)


def begun(course):
    """A session that began a few minutes ago, as the server's clock has it."""
    return a_session(course, now=timezone.now() - timedelta(minutes=5))


def token_of(session):
    return tokens.issue_session_token(
        tokens.SessionClaims(session.pk, session.user_id, session.course_id, session.enrollment_id)
    )


def post(site, body, token=None, path=PATH, **headers):
    """Status, headers and JSON of the answer; `body` may be bytes."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | headers
    if token:
        headers["Authorization"] = f"Session {token}"
    connection.request("POST", path, sent, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(text)


def event(course, **more):
    return {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 5]],
        "duration_seconds": 5,
    } | more


EVENT_ID = str(uuid.uuid4())
BODIES = {
    "flat": lambda course: event(course),
    "a batch": lambda course: {"events": [event(course), event(course, position=7)]},
    "no events": lambda course: {"events": []},
    "bad beside good": lambda course: {
        "events": [event(course), {"content_id": "x"}, 7, event(course, segments=[[9, 3]])],
    },
    "flat and rejected": lambda course: event(course, interaction_type="x", page=-1),
    "an unknown content": lambda course: event(course, content_id=10**12),
    "an answer to no quiz": lambda course: event(course, interaction_type="answer"),
    "an answer": lambda course: {
        "content_id": content(course, "c2").pk,
        "interaction_type": "answer",
        "question_id": content(course, "c2").questions.get().pk,
        "answer": [],
    },
    "not a list": lambda course: {"events": {}},
    "too many": lambda course: {"events": [{}] * 201},
    "another session": lambda course: event(course, session_id=str(uuid.uuid4())),
    "not a session": lambda course: event(course, session_id="x"),
    "another learner": lambda course: event(course, user_id=1),
    "not a number": lambda course: json.dumps(event(course, position=float("nan"))).encode(),
    "a long number": lambda course: (
        json.dumps({"events": [event(course), event(course, position=7)]})
        .replace('"position": 7', '"position": ' + "9" * 5000)
        .encode()
    ),
    "not JSON": lambda course: b"{",
    "not an object": lambda course: b"[1]",
    "not UTF-8": lambda course: b'{"a": "\xff"}',
    "nothing": lambda course: b"",
    "deep": lambda course: b'{"events": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "large": lambda course: b'{"a": "' + b"a" * 70_000 + b'"}',
    "half a character": lambda course: event(course, interaction_type="\ud83d"),
}


def comparable(answer, session):
    status, headers, body = answer
    text = json.dumps(body).replace(str(session.pk), "the session")
    body = json.loads(text)
    body.pop("server_time", None)
    return status, {k: v for k, v in headers.items() if k not in CHANGING}, body


@pytest.mark.parametrize("name", BODIES)
def test_both_ways_answer_alike(site, course, name):
    body, answers, stored = BODIES[name](course), [], []
    for headers in ({}, BY_DJANGO):
        session = begun(course)
        answers.append(comparable(post(site, body, token_of(session), **headers), session))
        rows = ContentInteraction.objects.filter(session=session).order_by("chain_index")
        stored.append(list(rows.values_list("status", "code", "interaction_type", "covered_ms")))
    assert answers[0] == answers[1]
    assert stored[0] == stored[1]
    assert "session_ended" not in str(answers)
    assert list(check(timezone.now())) == []


def test_the_same_event_twice_and_with_another_body(site, course):
    answers = []
    for headers in ({}, BY_DJANGO):
        session = begun(course)
        for more in ({}, {}, {"position": 7}):
            body = event(course, event_id=EVENT_ID, **more)
            answers.append(comparable(post(site, body, token_of(session), **headers), session))
    assert answers[:3] == answers[3:]
    assert [answer[0] for answer in answers[:3]] == [200, 200, 409]


def test_after_the_end_it_is_409_and_for_who_left_401_and_403(site, course):
    for headers in ({}, BY_DJANGO):
        session = begun(course)
        token = token_of(session)
        post(site, {}, token, path="/api/employee/end_session")
        ended = post(site, event(course), token, **headers)
        assert (ended[0], ended[2]["errors"][0]["code"]) == (409, "session_ended")
        gone, left = begun(course), begun(course)
        gone.user.is_active = False
        gone.user.save()
        left.enrollment.unenrolled_at = timezone.now()
        left.enrollment.save()
        assert post(site, event(course), token_of(gone), **headers)[0] == 401
        refused = post(site, event(course), token_of(left), **headers)
        assert (refused[0], refused[2]["errors"][0]["code"]) == (403, "not_enrolled")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain;charset=UTF-8"}, 200),  # a beacon
        ({"Origin": "http://{host}"}, 200),
        ({"Origin": "https://elsewhere.example"}, 200),  # goes to Django, and has no CORS header
        ({"Accept": "text/html"}, 200),
        ({"Host": "elsewhere.example"}, 400),
        ({"Content-Type": "application/xml"}, 415),
        ({"Authorization": "Session x"}, 401),
        ({"Authorization": "Token x"}, 401),
    ],
)
def test_what_is_unusual_is_answered_too(site, course, headers, status):
    session = begun(course)
    headers = {k: v.format(host=urlsplit(site).netloc) for k, v in headers.items()}
    token = None if "Authorization" in headers else token_of(session)
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    sent = {"Content-Type": "application/json"} | headers
    if token:
        sent["Authorization"] = f"Session {token}"
    connection.request("POST", PATH, json.dumps(event(course)), sent)
    answer = connection.getresponse()
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_beacon_carries_its_token_in_the_body(site, course):
    session = begun(course)
    body = {"session_token": token_of(session), "events": [event(course)]}
    status, _, answer = post(site, body, **{"Content-Type": "text/plain"})
    assert (status, answer["events"][0]["status"]) == (200, "accepted")


def test_a_body_that_comes_in_pieces_is_whole(site, course):
    session = begun(course)
    body = json.dumps({"events": [event(course) for _ in range(20)]}).encode()
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    connection.putrequest("POST", PATH)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.putheader("Authorization", f"Session {token_of(session)}")
    connection.endheaders()
    for start in range(0, len(body), 700):
        connection.send(body[start : start + 700])
    assert connection.getresponse().status == 200
    assert CourseProgress.objects.get(pk=session.enrollment_id).chain_length == 20


def test_the_bucket_holds_a_hundred_and_twenty_whichever_way_they_come(site, course):
    session = begun(course)
    token = token_of(session)
    netloc = urlsplit(site).netloc
    connection = http.client.HTTPConnection(netloc, timeout=30)
    statuses = []
    for number in range(400):
        headers = {"Content-Type": "application/json", "Authorization": f"Session {token}"}
        headers |= BY_DJANGO if number % 3 == 0 else {}
        connection.request("POST", PATH, b'{"events": []}', headers)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        if answer.status == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            break
    assert statuses[-1] == 429
    assert statuses.count(200) >= 120
    assert set(statuses) == {200, 429}


def test_reports_are_counted_under_their_route(site, course):
    def counted():
        connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith("lms_request_seconds_count") and "update_progress" in line
        )

    session, before = begun(course), counted()
    post(site, event(course), token_of(session))
    post(site, event(course), token_of(session), **BY_DJANGO)
    assert counted() == before + 2
    assert LearningSession.objects.get(pk=session.pk).pages_viewed == 1


@pytest.mark.parametrize(
    ("error", "status", "code", "wait"),
    [
        (OperationalError("away"), 503, "unavailable", "5"),
        (InterfaceError("closed"), 503, "unavailable", "5"),
        (CommitUnknown("lost"), 503, "unavailable", "5"),
        (KeyError("ours"), 500, "error", None),
    ],
)
def test_what_fails_is_said_in_the_common_shape(course, monkeypatch, error, status, code, wait):
    async def fails(delivery):
        raise error

    monkeypatch.setattr("progress.ingest.deliver_soon", fails)
    body = json.dumps(event(course)).encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "scheme": "http",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"authorization", f"Session {token_of(begun(course))}".encode()),
        ],
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        sent.append(message)

    async def django(*_):
        raise AssertionError("it is an ordinary report")

    asyncio.run(Heartbeats(django)(scope, receive, send))
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == status
    assert headers.get(b"retry-after") == (wait and wait.encode())
    answer = json.loads(sent[1]["body"])
    assert answer["type"] == "server_error"
    assert [(each["code"], each["attr"]) for each in answer["errors"]] == [(code, None)]
