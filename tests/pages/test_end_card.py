"""The end of a content: what is missing, what was opened, and what comes next."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from certificates.documents import rendering
from certificates.lifecycle import issuing
from certificates.models import Certificate
from progress.models import Course, User
from tests.factories import (
    NOON,
    a_course_of,
    a_learner,
    a_session,
    content,
    enrolled,
    report,
)
from tests.support import waivers

pytestmark = pytest.mark.django_db

FILM = {"content_type": "video", "duration_seconds": 60, "title": "Fire doors"}
THEN = NOON + timedelta(minutes=3)


@pytest.fixture
def learner(client):
    learner = a_learner(full_name="Lena Fischer")
    client.force_login(learner)
    return learner


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(THEN, tick=False):
        yield


def watch(learner, course, *segments, code="c1"):
    session = a_session(course, learner)
    event = {"content_id": content(course, code).pk, "interaction_type": "complete"}
    event |= {"segments": list(segments), "position": 60, "duration_seconds": 60}
    report(session, event, now=NOON + timedelta(minutes=2))


def address(course, code):
    return f"/courses/{course.pk}/contents/{content(course, code).pk}/"


def card(client, course, code="c1"):
    """The card's tag, and its text."""
    page = client.get(address(course, code)).content.decode()
    [markup] = re.findall(r'<section id="end".*?</section>', page, re.S)
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", markup)))
    return markup, text


def is_shown(markup):
    return "hidden" not in re.match(r"<section[^>]*>", markup)[0]


def test_what_is_missing_is_a_link(client, learner):
    course = a_course_of(FILM)
    enrolled(learner, course)
    watch(learner, course, [0, 10], [30, 60])
    markup, text = card(client, course)
    assert not is_shown(markup)
    assert "Still missing: 0:20 0:10–0:30" in text
    assert f'href="{address(course, "c1")}#at=10"' in markup


def test_a_complete_content_shows_what_it_opened_and_what_comes_next(client, learner):
    course = a_course_of(
        FILM,
        FILM | {"title": "Next film"},
        FILM | {"title": "Opened", "prerequisites": ["c1"]},
        FILM | {"title": "Still locked", "prerequisites": ["c1", "c2"]},
    )
    enrolled(learner, course)
    watch(learner, course, [0, 60])
    markup, text = card(client, course)
    assert is_shown(markup)
    assert "This content is complete. Now open: Opened Next: Next film N Video 1:00" in text
    assert f'data-next href="{address(course, "c2")}"' in markup
    assert "Still locked" not in text


def test_after_the_last_comes_what_was_left_out(client, learner):
    course = a_course_of(FILM, FILM | {"title": "Last"})
    enrolled(learner, course)
    watch(learner, course, [0, 60], code="c2")
    assert f'data-next href="{address(course, "c1")}"' in card(client, course, "c2")[0]


def test_next_is_never_what_is_done_or_locked(client, learner):
    course = a_course_of(
        FILM,
        FILM | {"title": "Done"},
        FILM | {"title": "Locked", "prerequisites": ["c4"]},
        FILM | {"title": "Open"},
    )
    enrolled(learner, course)
    watch(learner, course, [0, 60], code="c2")
    assert f'data-next href="{address(course, "c4")}"' in card(client, course)[0]


def test_a_completion_is_news_for_a_while_only(client, learner):
    course = a_course_of(FILM, FILM | {"title": "Next film"})
    enrolled(learner, course)
    watch(learner, course, [0, 60])
    assert is_shown(card(client, course)[0])
    with time_machine.travel(THEN + timedelta(minutes=20), tick=False):
        assert not is_shown(card(client, course)[0])


def test_a_passed_pre_test_says_what_it_saved(client):
    session = waivers.tested()
    client.force_login(User.objects.get(pk=session.user_id))
    course = Course.objects.get(pk=session.course_id)
    with time_machine.travel(waivers.LATER, tick=False):
        assert "2 contents, 2 min saved" in card(client, course, "test")[1]


def test_a_complete_course_has_its_panel_once(client, learner):
    course = a_course_of(FILM, title="Fire safety")
    enrolled(learner, course)
    watch(learner, course, [0, 60])
    markup, text = card(client, course)
    assert is_shown(markup)
    assert "Course complete Fire safety 1 min spent" in text
    assert "data-next" not in markup
    with time_machine.travel(THEN + timedelta(minutes=20), tick=False):
        assert "Course complete" not in card(client, course)[1]


def test_the_panel_leads_to_the_certificate(client, learner):
    course = a_course_of(FILM, title="Fire safety")
    enrollment = enrolled(learner, course)
    watch(learner, course, [0, 60])
    issuing.issue(enrollment.pk)
    number = Certificate.objects.get().number
    assert "Your certificate is being prepared." in card(client, course)[1]
    rendering.render(Certificate.objects.get().pk, NOON)
    assert f'href="/certificates/{number}/"' in card(client, course)[0]


def test_going_on_by_itself_is_a_choice(client, learner):
    course = a_course_of(FILM)
    enrolled(learner, course)
    assert "data-autoplay" not in card(client, course)[0]
    client.post("/account/", {"time_zone": "Europe/Berlin", "autoplay_next": "on"})
    assert "data-autoplay" in card(client, course)[0]
    client.post("/account/", {"time_zone": "Europe/Berlin"})
    assert "data-autoplay" not in card(client, course)[0]


def test_captions_are_a_choice(client, learner):
    course = a_course_of(FILM)
    enrolled(learner, course)
    page = address(course, "c1")
    assert "data-captions" not in client.get(page).content.decode()
    client.post("/account/", {"time_zone": "Europe/Berlin", "captions_on": "on"})
    assert "data-captions" in client.get(page).content.decode()
