"""Due dates and reviews in the learner's own calendar, at an address that can be revoked."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from analytics.models import LearnerSkill
from progress.ingest import enrolling
from progress.ingest.deactivating import deactivate
from tests.factories import a_course_of, a_learner, a_session, content, enrolled, report

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # the next day in Berlin
VIDEO = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def address(client):
    """A new address, as the account's page shows it."""
    assert client.post("/account/calendar/").url == "/account/"
    return shown(client)


def shown(client):
    page = client.get("/account/").content.decode()
    found = re.search(
        r'id="calendar-url" readonly dir="ltr" value="http://testserver([^"]+)"', page
    )
    return found and found[1]


def read(client, url):
    """The feed's lines, unfolded, as a calendar without a sign-in gets them."""
    client.logout()
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    return answer.content.decode().replace("\r\n ", "").split("\r\n")


def due(learner, course, at):
    enrolling.set_due(enrolled(learner, course), at)
    return course


def test_due_dates_of_open_courses_are_events(client, learner):
    soon = due(learner, a_course_of(VIDEO, title="Fire safety"), NOW + timedelta(days=3))
    enrolled(learner, a_course_of(VIDEO, title="Any time"))
    due(a_learner(), a_course_of(VIDEO, title="Another learner"), NOW + timedelta(days=3))
    done = due(learner, a_course_of(VIDEO, title="Done"), NOW + timedelta(days=3))
    session = a_session(done, learner, now=NOW - timedelta(hours=1))
    played = {"interaction_type": "play", "segments": [[0, 60]], "duration_seconds": 60}
    report(session, played | {"content_id": content(done, "c1").pk}, now=NOW)
    lines = read(client, address(client))
    assert (lines[0], lines[1], lines[-2]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    assert [line for line in lines if line.startswith("SUMMARY")] == ["SUMMARY:Due: Fire safety"]
    assert "DTSTART:20261128T233000Z" in lines
    assert f"URL:http://testserver/courses/{soon.pk}/" in lines


def test_reviews_are_days_of_the_learners_zone(client, learner):
    enrolled(learner, a_course_of(VIDEO | {"skills": ["doors", "alarm"]}))
    for skill, days in [("doors", -4), ("alarm", 2), ("elsewhere", 2)]:
        LearnerSkill.objects.create(
            user=learner,
            skill=skill,
            answers=8,
            right=8,
            mastery=0.9,
            reviewed_at=NOW - timedelta(days=9),
            stability_days=5.0,
            due_at=NOW + timedelta(days=days),
        )
    lines = read(client, address(client))
    events = [line for line in lines if line.startswith(("SUMMARY", "DTSTART"))]
    assert events == [
        "DTSTART;VALUE=DATE:20261126",  # overdue: today
        "SUMMARY:Review: doors",
        "DTSTART;VALUE=DATE:20261128",
        "SUMMARY:Review: alarm",
    ]


def test_titles_cannot_break_out_of_their_line(client, learner):
    title = "Doors, gates; \\ and\r\nEND:VCALENDAR " + "السلامة من الحرائق " * 6
    due(learner, a_course_of(VIDEO, title=title.strip()), NOW + timedelta(days=3))
    lines = read(client, address(client))
    escaped = title.strip().replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    assert f"SUMMARY:Due: {escaped}".replace("\r\n", "\\n") in lines
    assert lines.count("END:VCALENDAR") == 1


def test_the_feed_is_in_the_language_of_the_page_that_gave_its_address(client, learner):
    due(learner, a_course_of(VIDEO, title="Fire safety"), NOW + timedelta(days=3))
    client.cookies["django_language"] = "ar"
    url = address(client)
    client.cookies.clear()
    assert "SUMMARY:Due: Fire safety" not in read(client, url)


def test_an_address_can_be_replaced_and_removed(client, learner):
    first = address(client)
    second = address(client)
    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    client.post("/account/calendar/", {"off": ""})
    assert shown(client) is None
    assert client.get(second).status_code == 404


def test_nobody_else_has_an_address(client, learner):
    url = address(client)
    deactivate([learner.pk], now=NOW)
    client.logout()
    assert client.get(url).status_code == 404
    assert client.get(url.replace(".ics", "x.ics")).status_code == 404
    assert client.get("/calendar/x.ics").status_code == 404
    assert client.post("/account/calendar/").url.startswith("/login/")
