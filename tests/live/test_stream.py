"""The stream as its clients see it, with a real database and a real broker."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from progress import live
from progress.live import stream, topics
from progress.live.access import may_follow
from progress.live.stream import LiveStream
from progress.models import Enrollment, User
from progress.security.tokens import StreamClaims
from tests.factories import NOON, a_course, a_learner, a_session, a_user, content, report
from tests.support.waivers import a_tested_course, begun, take

from .listening import listening

pytestmark = pytest.mark.django_db(transaction=True)


def stream_url(user_id, course_id, reader=None):
    """The stream's URL, with a token for the learner or for another reader."""
    return topics.stream_url(user_id, course_id, reader_id=reader.pk if reader else user_id)


@pytest.fixture
def course():
    return a_course()


@pytest.fixture
def learner(course):
    return a_learner(course)


@pytest.fixture
def url(learner, course):
    return stream_url(learner.pk, course.pk)


@pytest.fixture
def visit(settings):
    """Runs a coroutine with the application as its argument."""

    def run(scenario):
        async def whole():
            app = LiveStream(settings.REDIS_URL)
            try:
                await scenario(app)
            finally:
                await app.stop()

        asyncio.run(whole())

    return run


def message(course, percent, *, events, contents=()):
    return {
        "contents": [{"content_id": id, "completion_percentage": percent} for id in contents],
        "modules": [],
        "course": {"course_id": course.pk, "completion_percentage": percent, "event_count": events},
        "certificate": None,
    }


def push(learner, course, percent, *, events):
    live.push(learner.pk, course.pk, message(course, percent, events=events))


def percent_of(event):
    return event.body["course"]["completion_percentage"]


# --- What is sent ---------------------------------------------------------------------------------
def test_a_client_that_comes_first_gets_a_snapshot_of_the_whole_course(visit, url, learner, course):
    session = a_session(course, learner)
    video = content(course, "video")
    beat = {"content_id": video.pk, "interaction_type": "progress", "segments": [[0, 6]]}
    report(session, beat, now=NOON.replace(second=30))

    async def scenario(app):
        async with listening(app, url) as client:
            event = await client.event()
        assert event.kind == "snapshot"
        assert set(event.body) == {"contents", "modules", "course", "certificate"}
        assert len(event.body["contents"]) == 5
        shown = {entry["content_id"]: entry for entry in event.body["contents"]}
        assert shown[video.pk]["completion_percentage"] == 10
        assert shown[video.pk]["module_id"] == video.module_id
        assert len(event.body["modules"]) == 3
        assert event.body["course"]["course_id"] == course.pk
        assert event.body["course"]["event_count"] == 1

    visit(scenario)


def test_a_snapshot_has_all_that_progress_has(visit, url, learner, course):
    """Every field, in the same form: a page needn't know which of the two it got."""
    session = a_session(course, learner)
    video = content(course, "video")
    beat = {"content_id": video.pk, "interaction_type": "progress", "segments": [[0, 6]]}

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            await sync_to_async(report)(session, beat, now=NOON.replace(second=30))
            pushed = (await client.event()).body
        async with listening(app, url) as client:
            whole = (await client.event()).body
        shown = {entry["content_id"]: entry for entry in whole["contents"]}
        assert shown[video.pk] == pushed["contents"][0]
        fields = set(pushed["contents"][0])
        assert all(set(entry) - {"quiz"} == fields for entry in whole["contents"])
        assert pushed["modules"][0] in whole["modules"]
        assert pushed["course"] == whole["course"]
        assert pushed["certificate"] == whole["certificate"]

    visit(scenario)


def test_a_snapshot_says_what_is_waived(visit):
    session = begun(a_tested_course())
    take(session, "test", right=3)
    waived = {content(session.course, code).pk for code in ("film", "book")}
    user_id, course_id = session.enrollment.user_id, session.enrollment.course_id

    async def scenario(app):
        own = stream_url(user_id, course_id)
        async with listening(app, own) as client:
            contents = (await client.event()).body["contents"]
        assert {entry["content_id"] for entry in contents if entry["is_waived"]} == waived

    visit(scenario)


def test_saved_progress_reaches_an_open_stream_as_it_was_answered(visit, url, learner, course):
    session = a_session(course, learner)
    video = content(course, "video")
    beat = {"content_id": video.pk, "interaction_type": "progress", "segments": [[0, 6]]}

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            deliver = sync_to_async(report)
            receipt = await deliver(session, beat, now=NOON.replace(second=30))
            event = await client.event()
        assert event.kind == "progress"
        assert event.body == receipt.payload
        assert event.body["contents"][0]["completion_percentage"] == 10

    visit(scenario)


def test_every_device_of_the_learner_gets_it_and_no_other_learner(visit, url, learner, course):
    other = a_learner(course)

    async def scenario(app):
        async with (
            listening(app, url) as phone,
            listening(app, url) as laptop,
            listening(app, stream_url(other.pk, course.pk)) as stranger,
        ):
            for client in (phone, laptop, stranger):
                await client.event()
            push(learner, course, 30, events=1)
            assert percent_of(await phone.event()) == 30
            assert percent_of(await laptop.event()) == 30
            push(other, course, 50, events=1)
            assert percent_of(await stranger.event()) == 50

    visit(scenario)


def test_ids_grow(visit, url, learner, course):
    async def scenario(app):
        async with listening(app, url) as client:
            ids = [(await client.event()).id]
            for number in range(1, 6):
                push(learner, course, number, events=number)
                ids.append((await client.event()).id)
        order = [tuple(map(int, id.split("-"))) for id in ids]
        assert order == sorted(set(order))

    visit(scenario)


# --- Coming back ----------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["header", "query"])
def test_a_client_that_comes_back_gets_what_it_missed_and_no_more(
    visit, url, learner, course, place
):
    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            push(learner, course, 10, events=1)
            last = (await client.event()).id
        push(learner, course, 20, events=2)
        push(learner, course, 30, events=3)
        headers = {"Last-Event-ID": last} if place == "header" else {}
        query = "" if place == "header" else f"&last_event_id={last}"
        async with listening(app, url + query, headers=headers) as client:
            missed = [await client.event(), await client.event()]
            assert [(event.kind, percent_of(event)) for event in missed] == [
                ("progress", 20),
                ("progress", 30),
            ]
            push(learner, course, 40, events=4)
            assert percent_of(await client.event()) == 40

    visit(scenario)


def test_a_client_that_missed_nothing_is_sent_nothing(visit, url, learner, course):
    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            push(learner, course, 10, events=1)
            last = (await client.event()).id
        async with listening(app, url, headers={"Last-Event-ID": last}) as client:
            await client.until(lambda client: client.text)
            push(learner, course, 20, events=2)
            assert percent_of(await client.event()) == 20

    visit(scenario)


@pytest.mark.parametrize("last", ["1-0", "99999999999999-0", "nonsense", "1-x", "-"])
def test_an_unknown_last_event_is_answered_with_a_snapshot(visit, url, learner, course, last):
    async def scenario(app):
        push(learner, course, 10, events=1)
        async with listening(app, url, headers={"Last-Event-ID": last}) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


def test_a_last_event_that_was_dropped_is_answered_with_a_snapshot(visit, url, learner, course):
    async def scenario(app):
        push(learner, course, 1, events=1)
        async with listening(app, url) as client:
            last = (await client.event()).id
        for number in range(2, 302):
            push(learner, course, number / 10, events=number)
        async with listening(app, url, headers={"Last-Event-ID": last}) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


# --- Who may --------------------------------------------------------------------------------------
def assert_refused(client, status, code):
    assert client.status == status
    assert client.answer_headers["content-type"] == "application/json"
    assert client.body["type"] == "client_error"
    assert client.body["errors"][0]["code"] == code
    assert set(client.body["errors"][0]) == {"code", "detail", "attr"}


def refused_url(name, learner, course):
    path, token = stream_url(learner.pk, course.pk).split("?token=")
    return {
        "no token": path,
        "an empty token": f"{path}?token=",
        "a forged token": f"{path}?token={token[:-2]}xx",
        "another's token": f"{path}?token=" + stream_url(learner.pk + 1, course.pk).split("=")[1],
        "another course's": f"{path}?token=" + stream_url(learner.pk, course.pk + 1).split("=")[1],
        "no ASCII": f"{path}?token=\N{SNOWMAN}",
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "no token",
        "an empty token",
        "a forged token",
        "another's token",
        "another course's",
        "no ASCII",
    ],
)
def test_without_a_token_of_this_stream_it_is_401(visit, learner, course, name):
    async def scenario(app):
        async with listening(app, refused_url(name, learner, course)) as client:
            await client.end()
        assert_refused(client, 401, "authentication_failed")

    visit(scenario)


def test_a_token_opens_the_stream_for_twelve_hours(visit, url):
    async def scenario(app):
        for hours, status in ((11, 200), (13, 401)):
            with travel(NOON.replace(hour=hours), tick=True):
                async with listening(app, early) as client:
                    await client.until(lambda client: client.status)
            assert client.status == status

    with travel(NOON.replace(hour=0)):
        early = (
            url.split("?")[0]
            + "?"
            + stream_url(*map(int, url.split("?")[0].split("/")[-2:])).split("?")[1]
        )
    visit(scenario)


@pytest.mark.parametrize("change", ["unenrolled", "deactivated", "unknown"])
def test_a_learner_who_left_has_no_stream(visit, url, learner, course, change):
    if change == "unenrolled":
        Enrollment.objects.update(unenrolled_at=NOON)
    elif change == "deactivated":
        User.objects.update(is_active=False)
    else:
        url = stream_url(10**15, course.pk)

    async def scenario(app):
        push(learner, course, 10, events=1)
        async with listening(app, url) as client:
            await client.end()
        assert_refused(client, 401, "authentication_failed")
        async with listening(app, url, method="HEAD") as client:
            await client.end()
        assert client.status == 401

    visit(scenario)


def an_instructor(course):
    reader = a_user(is_staff=True)
    course.instructors.add(reader)
    return reader


def a_service_account(course):
    reader = a_user()
    reader.user_permissions.add(permission("view_courseprogress"))
    return reader


def permission(codename):
    return Permission.objects.get(codename=codename, content_type__app_label="progress")


READERS = {
    "an instructor": an_instructor,
    "a service account": a_service_account,
    "a superuser": lambda course: a_user(is_superuser=True),
}


@pytest.mark.parametrize("who", READERS)
def test_whoever_may_read_the_progress_opens_its_stream(visit, learner, course, who):
    url = stream_url(learner.pk, course.pk, READERS[who](course))

    async def scenario(app):
        async with listening(app, url) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


LOSSES = {
    "an instructor who was deactivated": (
        an_instructor,
        lambda reader, course: User.objects.filter(pk=reader.pk).update(is_active=False),
    ),
    "an instructor who lost the course": (
        an_instructor,
        lambda reader, course: course.instructors.remove(reader),
    ),
    "an account that lost the permission": (
        a_service_account,
        lambda reader, course: reader.user_permissions.clear(),
    ),
    "an administrator who is none any more": (
        lambda course: a_user(is_superuser=True),
        lambda reader, course: User.objects.filter(pk=reader.pk).update(is_superuser=False),
    ),
    "an account that was deleted": (a_service_account, lambda reader, course: reader.delete()),
    "a reader who may, of a learner who left": (
        an_instructor,
        lambda reader, course: Enrollment.objects.update(unenrolled_at=NOON),
    ),
    "a stranger": (lambda course: a_learner(course), lambda reader, course: None),
}


@pytest.mark.parametrize("come_back", [False, True], ids=["anew", "with the last event"])
@pytest.mark.parametrize("who", LOSSES)
def test_whoever_may_no_longer_read_the_progress_opens_no_stream(
    visit, learner, course, who, come_back
):
    make_reader, lose = LOSSES[who]
    reader = make_reader(course)
    url = stream_url(learner.pk, course.pk, reader)
    live.push(learner.pk, course.pk, message(course, 10, events=1))
    lose(reader, course)

    async def scenario(app):
        headers = {}
        if come_back:
            async with listening(app, stream_url(learner.pk, course.pk)) as client:
                await client.until(lambda client: client.status)
                if client.status == 200:
                    headers = {"Last-Event-ID": (await client.event()).id}
        for method in ("GET", "HEAD"):
            async with listening(app, url, method=method, headers=headers) as client:
                await client.end()
            assert client.status == 401

    visit(scenario)


def test_learners_themselves_are_let_in_by_one_statement_however_many(learner, course):
    own = StreamClaims(learner.pk, learner.pk, course.pk)
    others = [StreamClaims(user.pk, user.pk, course.pk) for user in (a_learner(course), a_user())]
    with CaptureQueriesContext(connection) as queries:
        assert may_follow([own]) == {own: True}
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        answers = may_follow([own, *others])
    assert answers == {own: True, others[0]: True, others[1]: False}
    assert len(queries) == 1


# --- HTTP -----------------------------------------------------------------------------------------
def test_its_headers_keep_caches_and_proxies_away(visit, url):
    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
        assert client.status == 200
        assert client.answer_headers["content-type"].startswith("text/event-stream")
        assert client.answer_headers["cache-control"] == "no-store"
        assert client.answer_headers["x-accel-buffering"] == "no"
        assert "access-control-allow-origin" not in client.answer_headers

    visit(scenario)


def test_a_trailing_slash_works_too(visit, url):
    async def scenario(app):
        assert app.serves({"type": "http", "path": url.split("?")[0] + "/"})
        async with listening(app, url.replace("?", "/?")) as client:
            assert (await client.event()).kind == "snapshot"

    visit(scenario)


def test_head_answers_without_a_body_and_ends(visit, url):
    async def scenario(app):
        async with listening(app, url, method="HEAD") as client:
            await client.end()
        assert (client.status, client.text, client.is_complete) == (200, "", True)
        assert client.answer_headers["content-type"].startswith("text/event-stream")

    visit(scenario)


def test_other_methods_are_405_and_named(visit, url):
    async def scenario(app):
        async with listening(app, url, method="POST") as client:
            await client.end()
        assert_refused(client, 405, "method_not_allowed")
        assert client.answer_headers["allow"] == "GET, HEAD, OPTIONS"

    visit(scenario)


def test_a_tracker_on_a_named_origin_may_read_it_and_no_other(visit, url, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://courses.example"]

    async def scenario(app):
        for origin, allowed in (("https://courses.example", True), ("https://evil.example", False)):
            for method in ("GET", "OPTIONS"):
                headers = {"Origin": origin}
                async with listening(app, url, method=method, headers=headers) as client:
                    await client.until(lambda client: client.status)
                allows = client.answer_headers.get("access-control-allow-origin")
                assert allows == (origin if allowed else None)
                assert client.answer_headers["vary"] == "origin"

    visit(scenario)


def test_a_refusal_can_be_read_across_origins(visit, url, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://courses.example"]

    async def scenario(app):
        headers = {"Origin": "https://courses.example"}
        async with listening(app, url.split("?")[0], headers=headers) as client:
            await client.end()
        assert client.status == 401
        assert client.answer_headers["access-control-allow-origin"] == "https://courses.example"

    visit(scenario)


# --- Lasting --------------------------------------------------------------------------------------
def test_a_silent_stream_is_kept_open_by_comments(visit, url, monkeypatch):
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.02)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            await client.until(lambda client: client.text.count("\n: ") >= 3)

    visit(scenario)


def test_a_stream_ends_by_itself(visit, url, monkeypatch):
    monkeypatch.setattr(stream, "STREAM_SECONDS", 0.3)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            await client.end()
        assert client.is_complete

    visit(scenario)


def test_a_client_that_leaves_leaves_nothing_behind(visit, url, learner, course):
    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
        assert not app._hub._topics
        before = len(asyncio.all_tasks())
        for _ in range(20):
            async with listening(app, url) as client:
                await client.event()
        assert len(asyncio.all_tasks()) == before

    visit(scenario)


def test_a_client_that_does_not_read_gets_the_newest_when_it_does(visit, url, learner, course):
    async def scenario(app):
        async with listening(app, url) as client, listening(app, url) as witness:
            await client.event()
            await witness.event()
            client.get_stuck()
            for number in range(1, 51):
                push(learner, course, number, events=number)
            while percent_of(await witness.event()) < 50:
                pass
            client.get_going()
            percents = []
            while not percents or percents[-1] < 50:
                percents.append(percent_of(await client.event()))
        assert len(percents) <= 2  # the one that it was being sent, and the rest as one

    visit(scenario)


def test_a_client_that_takes_nothing_is_let_go(visit, url, learner, course, monkeypatch):
    monkeypatch.setattr(stream, "SEND_SECONDS", 0.05)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.event()
            client.get_stuck()
            push(learner, course, 10, events=1)
            await client.end()
        assert not app._hub._topics

    visit(scenario)


def test_a_database_that_is_away_is_503_and_not_a_broken_stream(visit, url, monkeypatch):
    from django.db import OperationalError

    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr(stream, "snapshots", fail)

    async def scenario(app):
        async with listening(app, url) as client:
            await client.end()
        assert client.status == 503
        assert client.body["type"] == "server_error"

    visit(scenario)
