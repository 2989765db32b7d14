"""What a stream sends, with a real database and a real broker."""

import pytest
from asgiref.sync import sync_to_async

from tests.factories import NOON, a_learner, a_session, content, report
from tests.support.waivers import a_tested_course, begun, take

from .listening import listening, percent_of, push, stream_url

pytestmark = pytest.mark.django_db(transaction=True)


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
