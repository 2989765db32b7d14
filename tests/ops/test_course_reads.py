"""A learner's own progress is answered before Django, as Django would."""

import asyncio
import copy
import http.client
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.utils import timezone

from lms_progress.course_reads import CourseReads
from progress import ingest
from progress.catalogue import course_document, replace_course
from progress.ingest.enrolling import begin_new_cycle, unenroll
from progress.live.database import DatabaseThreads
from progress.models import Content, Course, LearningSession, User
from progress.security import tokens
from tests.factories import NOON, a_course, a_course_of, a_session, content, enrolled, report
from tests.support.certificates import a_certificate
from tests.support.waivers import a_chosen_course, a_tested_course, begun, take, walk, watch

pytestmark = pytest.mark.django_db(transaction=True)
# Makes a request unusual and changes nothing about its answer.
BY_DJANGO = {"Accept": "application/json;q=0.9"}
CHANGING = {"date", "server"}
# What differs from one answer to the next.
AS_OF = re.compile(rb'"as_of":"[^"]+"|token=[\w:-]+')
LATER = NOON + timedelta(minutes=30)


def get(site, path, token, **headers):
    """Status, headers and bytes of the answer."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Session {token}"} | headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    found = {k.lower(): v for k, v in answer.getheaders() if k.lower() not in CHANGING}
    return answer.status, found, AS_OF.sub(b"", body)


def token_of(session) -> str:
    return tokens.issue_session_token(
        tokens.SessionClaims(session.pk, session.user_id, session.course_id, session.enrollment_id)
    )


def path_of(session) -> str:
    return f"/api/employee/realtime_progress/{session.user_id}/{session.course_id}"


def content_ids(session) -> list[int]:
    contents = Content.objects.filter(module__course=session.course_id)
    return list(contents.order_by("pk").values_list("pk", flat=True))


# --- States --------------------------------------------------------------------------------------
def edited(session, change):
    """After its author has changed the course's document."""
    document = course_document(Course.objects.get(pk=session.course_id), is_author=True)
    change(document)
    replace_course(document)
    return session


def in_everything():
    session = a_session(a_course())
    course = session.course
    events = [
        {"content_id": content(course, code).pk, "duration_seconds": 3} | each
        for code, each in {
            "video": {"interaction_type": "progress", "segments": [[3, 5.5], [20, 21.001]]},
            "audio": {"interaction_type": "pause", "position": 7.25},
            "pages": {"interaction_type": "view", "page": 3},
            "text": {"interaction_type": "progress", "span": [0.25, 0.5]},
        }.items()
    ]
    report(session, *events, now=LATER)
    return session


def failed():
    session = begun(a_tested_course())
    take(session, "test", right=1)
    return session


def waived():
    session = begun(a_tested_course())
    take(session, "test", right=4)
    return session


def waived_by_an_edit():
    """Waivers that follow from a change that isn't folded yet."""
    session = begun(a_tested_course())
    watch(session, 10)

    def group(document):
        for each in document["modules"][0]["contents"][1:3]:
            each["alternative_group"] = "either"

    return edited(session, group)


def chosen():
    session = begun(a_chosen_course())
    watch(session, 10)
    return session


def completed():
    session = begun(a_chosen_course())
    watch(session, 10)
    walk(session)
    return session


def certified():
    enrollment_id = a_certificate().enrollment_id
    return LearningSession.objects.filter(enrollment=enrollment_id).first()


def grown_after_completion():
    def grow(document):
        more = {"code": "more", "content_type": "text", "title": "More"}
        document["modules"][0]["contents"].append(more)

    return edited(completed(), grow)


def replaced_medium():
    def replace(document):
        document["modules"][0]["contents"][0]["media_version"] = 2
        document["modules"][0]["contents"][0]["duration_seconds"] = 90

    return edited(in_everything(), replace)


def retired():
    def retire(document):
        del document["modules"][0]["contents"][0]

    return edited(in_everything(), retire)


def locked():
    soon = (timezone.now() + timedelta(days=30)).isoformat()
    long_ago = (timezone.now() - timedelta(days=30)).isoformat()
    return a_session(
        a_course_of(
            {"content_type": "video", "duration_seconds": 60, "release_at": soon},
            {"content_type": "video", "duration_seconds": 60, "release_at": long_ago},
            {"content_type": "text", "prerequisites": ["c1"]},
            {"content_type": "text", "hidden": True},
            {"content_type": "text", "required": False},
        )
    )


def named_oddly():
    titles = ['«\u2028"\\\t\u2029»', "سلامة", "🔥 <b>&amp;</b>", "\x7f/", "a" * 200]
    return a_session(a_course_of(*[{"content_type": "text", "title": each} for each in titles]))


def without_contents():
    return a_session(a_course(modules=[{"code": "m", "contents": []}]))


def in_a_second_cycle():
    session = completed()
    begin_new_cycle(session.user_id, session.course_id, now=LATER)
    return session


def ended():
    session = in_everything()
    everybody = LearningSession.objects.all()
    ingest.end(everybody, session.pk, [], sent_ms=None, now=LATER + timedelta(seconds=100))
    return session


def left():
    session = in_everything()
    unenroll(session.enrollment, now=LATER)
    return session


def deactivated():
    session = in_everything()
    User.objects.filter(pk=session.user_id).update(is_active=False)
    return session


STATES = [
    in_everything, failed, waived, waived_by_an_edit, chosen, completed, certified,
    grown_after_completion, replaced_medium, retired, locked, named_oddly, without_contents,
    in_a_second_cycle, ended, left, deactivated,
]  # fmt: skip
REFUSED = {left, deactivated}


@pytest.mark.parametrize("state", STATES, ids=lambda each: each.__name__)
def test_both_ways_answer_alike(site, state):
    session = state()
    token, path = token_of(session), path_of(session)
    ordinary, by_django = get(site, path, token), get(site, path, token, **BY_DJANGO)
    assert ordinary == by_django
    assert ordinary[0] == (404 if state in REFUSED else 200)
    if ordinary[0] == 200:
        known = {"If-None-Match": f'W/"other", {ordinary[1]["etag"]}'}
        unchanged = get(site, path, token, **known)
        assert unchanged == get(site, path, token, **known, **BY_DJANGO)
        assert (unchanged[0], unchanged[2]) == (304, b"")
        other = {"If-None-Match": '"other"'}
        assert get(site, path, token, **other) == ordinary


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Accept-Language": "ar"}, 200),
        ({"Accept-Language": "de-DE,de;q=0.9,ar;q=0.5"}, 200),
        ({"Cookie": "a=b; django_language=ar"}, 200),
        ({"If-None-Match": "*"}, 304),
        ({"Origin": "http://{host}"}, 200),
        ({"Host": "elsewhere.example"}, 400),
        ({"Authorization": "Session x"}, 401),
        ({"Authorization": "Token x"}, 401),
    ],
)
def test_heads_of_every_kind_are_answered_alike(site, headers, status):
    session = in_everything()
    headers = {k: v.format(host=urlsplit(site).netloc) for k, v in headers.items()}
    path, token = path_of(session), token_of(session)
    ordinary = get(site, path, token, **headers)
    by_django = get(site, path, token, **headers, **BY_DJANGO)
    assert ordinary[0] == status
    for answer in (ordinary, by_django):
        answer[1].pop("access-control-allow-origin", None)
    assert ordinary == by_django


def test_addresses_of_every_kind_are_answered_alike(site):
    session, other = in_everything(), in_everything()
    token, path = token_of(session), path_of(session)
    for address, status in [
        (f"{path}/", 200),
        (f"{path}?a=1", 400),
        (f"{path}?format=json", 200),
        (path_of(other), 404),
        (f"{path}0", 404),
        (path.replace(str(session.user_id), "9" * 18), 404),
        (path.replace(str(session.user_id), "9" * 30), 404),
    ]:
        ordinary = get(site, address, token)
        assert (address, ordinary[0]) == (address, status)
        assert ordinary == get(site, address, token, **BY_DJANGO)


# --- The tag -------------------------------------------------------------------------------------
def begin(session):
    a_session(session.course, session.user, now=LATER + timedelta(minutes=1))


def end(session):
    everybody = LearningSession.objects.all()
    ingest.end(everybody, session.pk, [], sent_ms=None, now=LATER + timedelta(minutes=2))


def rename(session):
    edited(session, lambda document: document["modules"][0]["contents"][0].update(title="New"))


def next_cycle(session):
    begin_new_cycle(session.user_id, session.course_id, now=LATER + timedelta(minutes=3))


def look_again(session):
    [first] = content_ids(session)[:1]
    event = {"content_id": first, "interaction_type": "play", "position": 3}
    report(session, event, now=LATER + timedelta(minutes=1))


def nothing(session):
    enrolled(session.user, a_course())


CHANGES = [begin, end, rename, next_cycle, look_again, nothing]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("state", [chosen, completed, certified], ids=lambda each: each.__name__)
def test_the_tag_changes_with_the_body(site, state, change):
    session = state()
    path, token = path_of(session), token_of(session)
    before = get(site, path, token)
    change(session)
    after = get(site, path, token)
    assert (before[1]["etag"] == after[1]["etag"]) is (before[2] == after[2])
    assert (before[2] == after[2]) is (change is nothing)


# --- Failures ------------------------------------------------------------------------------------
@pytest.mark.parametrize("error", [OperationalError("away"), KeyError("ours")])
def test_what_fails_is_left_to_django(monkeypatch, error):
    session = in_everything()

    def fails(wanted, now):
        raise error

    monkeypatch.setattr("progress.state.course_reading.read", fails)
    scope = {
        "type": "http",
        "method": "GET",
        "path": path_of(session),
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", f"Session {token_of(session)}".encode()),
        ],
    }
    passed_on = []

    async def django(scope, receive, send):
        passed_on.append(copy.copy(scope))

    async def ask():
        database = DatabaseThreads()
        reads = CourseReads(django, database)
        assert reads.serves(scope)
        await reads(scope, None, None)
        await reads.stop()
        await database.stop()

    asyncio.run(ask())
    assert [each["path"] for each in passed_on] == [path_of(session)]


def test_readings_are_counted_under_their_route(site):
    def counted():
        connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return sum(
            float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith("lms_request_seconds_count") and "realtime_progress" in line
        )

    session, before = in_everything(), counted()
    get(site, path_of(session), token_of(session))
    get(site, path_of(session), token_of(session), **BY_DJANGO)
    assert counted() == before + 2


def test_the_body_is_json(site):
    session = named_oddly()
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    headers = {"Authorization": f"Session {token_of(session)}"}
    connection.request("GET", path_of(session), headers=headers)
    body = json.loads(connection.getresponse().read())
    connection.close()
    titles = [each["title"] for each in body["modules"][0]["contents"]]
    assert titles[:2] == ['«\u2028"\\\t\u2029»', "سلامة"]
