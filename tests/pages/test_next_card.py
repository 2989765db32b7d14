"""The first card of My learning: one next step for everyone, with its reason."""

import re
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine

from analytics.models import LearnerSkill
from progress.ingest import enrolling
from progress.models import ContentProgress
from tests.factories import a_course_of, a_session, content, enrolled, report

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))
VIDEO = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}
PAGES = {"content_type": "document", "page_count": 10, "title": "House rules", "url": "/x.pdf"}
TEXT = {"content_type": "text", "reading_seconds": 80, "title": "What fire needs"}


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


def learn(learner, course, event, at=NOW - timedelta(hours=2)):
    """Report this event of the first content, beginning at `at`, with a minute of active time."""
    session = a_session(course, learner, now=at)
    event = {"content_id": content(course, "c1").pk, "duration_seconds": 60} | event
    receipt = report(session, event, now=at + timedelta(seconds=60))
    assert {outcome.status for outcome in receipt.outcomes} == {"accepted"}


def played(*segments):
    position = segments[-1][1]
    return {"interaction_type": "play", "segments": list(segments), "position": position}


def page_of(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def text_of(markup):
    markup = re.sub(r"<progress.*?</progress>", " ", markup)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def said(client):
    return text_of(page_of(client))


def card_of(client):
    """The text of the first card, and the address of its button."""
    [card] = re.findall(r'<section class="card next-card".*?</section>', page_of(client), re.S)
    [link] = re.findall(r'class="button" href="([^"]+)"', card)
    return unescape(text_of(card)), link


def test_day_one_has_one_next_step(client, learner):
    enrolled(learner, a_course_of(PAGES, title="Any time"))
    soon = a_course_of(VIDEO | {"duration_seconds": 300}, TEXT, title="Fire safety")
    enrolling.set_due(enrolled(learner, soon), NOW + timedelta(days=3))
    text, link = card_of(client)
    assert "Due in 3 days You haven't started this course yet. Fire safety · 0 %" in text
    assert "Fire doors Start : Fire doors Video 5:00" in text
    assert link == f"/courses/{soon.pk}/contents/{content(soon, 'c1').pk}/"


def test_before_anything_is_begun_the_first_course_assigned_comes_first(client, learner):
    enrolled(learner, a_course_of(VIDEO, title="Zinc"))
    enrolled(learner, a_course_of(TEXT, title="Acids"))
    assert "Start : Fire doors" in card_of(client)[0]


def test_the_card_says_how_long_and_why(client, learner):
    course = a_course_of(VIDEO | {"duration_seconds": 600}, TEXT)
    enrolled(learner, course)
    learn(learner, course, played([0, 60]))
    text, _ = card_of(client)
    assert "You were last here 1 hour ago." in text
    assert "Video 10:00 About 9 min left" in text


def test_a_course_with_nothing_open_waits_behind_the_others(client, learner):
    tomorrow = (NOW + timedelta(days=1)).isoformat()
    later = a_course_of(VIDEO | {"title": "Not yet", "release_at": tomorrow})
    enrolling.set_due(enrolled(learner, later), NOW + timedelta(days=2))
    assert "See what opens it : Not yet" in card_of(client)[0]
    enrolled(learner, a_course_of(VIDEO))
    assert "Start : Fire doors" in card_of(client)[0]


def test_what_the_card_offers_is_not_recommended_again(client, learner):
    course = a_course_of(VIDEO, TEXT | {"prerequisites": ["c1"]})
    enrolled(learner, course)
    text, _ = card_of(client)
    assert "It unlocks “What fire needs”." in text
    assert "Recommended for you" not in said(client)


def test_the_same_material_in_another_course_is_not_recommended_beside_it(client, learner):
    film = VIDEO | {"url": "/static/demo/fire-doors.mp4"}
    for _ in range(2):
        enrolled(learner, a_course_of(film, TEXT | {"prerequisites": ["c1"]}))
    assert "It unlocks “What fire needs”." in card_of(client)[0]
    assert "Recommended for you" not in said(client)


def test_a_text_has_one_estimate_of_its_length(client, learner):
    course = a_course_of(TEXT | {"reading_seconds": 600}, VIDEO)
    enrolled(learner, course)
    assert "Text 10 min" in card_of(client)[0]
    learn(learner, course, {"interaction_type": "progress", "span": [0, 0.1]})
    text, _ = card_of(client)
    assert "Text About" in text
    assert "10 min About" not in text


def test_with_everything_done_a_review_is_the_next_step(client, learner):
    course = a_course_of(VIDEO | {"skills": ["doors"]})
    enrolled(learner, course)
    learn(learner, course, played([0, 60]), at=NOW - timedelta(days=9))
    assert "next-card" not in page_of(client)
    LearnerSkill.objects.create(
        user=learner,
        skill="doors",
        answers=8,
        right=8,
        mastery=0.9,
        reviewed_at=NOW - timedelta(days=9),
        stability_days=5.0,
        due_at=NOW - timedelta(days=4),
    )
    text, link = card_of(client)
    assert "Time to review “doors”, before it fades." in text
    assert "Review : Fire doors" in text
    assert link == f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/"
    assert "Recommended for you" not in said(client)


def test_what_was_just_done_is_not_recommended(client, learner):
    course = a_course_of(VIDEO | {"skills": ["doors"]}, TEXT)
    enrolled(learner, course)
    learn(learner, course, played([0, 60]))
    LearnerSkill.objects.create(
        user=learner,
        skill="doors",
        answers=8,
        right=2,
        mastery=0.2,
        reviewed_at=NOW,
        stability_days=5.0,
        due_at=NOW + timedelta(days=5),
    )
    assert "Recommended for you" not in said(client)
    ContentProgress.objects.update(last_event_at=NOW - timedelta(days=1))
    assert "Recommended for you" in said(client)
