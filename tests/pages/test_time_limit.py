"""The pages of a quiz with a time limit: no question before it begins, and what the review says."""

import re
from datetime import timedelta

import pytest
import time_machine

from progress.ingest import timing_out
from tests.factories import NOON
from tests.ingest.test_time_limits import Timed, minute

pytestmark = pytest.mark.django_db


class Sitting(Timed):
    def __init__(self, client, **changes):
        super().__init__(**changes)
        self.client = client
        client.force_login(self.session.user)

    def page(self, number: float, query="") -> str:
        address = f"/courses/{self.course.pk}/contents/{self.content.pk}/{query}"
        with time_machine.travel(minute(number), tick=False):
            return self.client.get(address).content.decode()


@pytest.fixture
def sitting(client):
    with time_machine.travel(NOON - timedelta(minutes=1), tick=False):
        return Sitting(client)


def test_no_question_is_on_the_page_before_the_time_runs(sitting):
    page = sitting.page(0)
    assert "You have 30 min" in page
    assert "Start attempt 1" in page
    assert "data-question" not in page
    assert "right" not in re.sub("<head>.*?</head>", "", page, flags=re.S).split("rail")[0]


def test_the_page_shows_the_time_that_is_left_by_the_server_s_clock(sitting):
    sitting.begin()
    page = sitting.page(12.5)
    assert 'role="timer" data-seconds="1050">17:30</span>' in page
    assert page.count("data-question") == 4
    assert 'data-seconds="0">0:00</span>' in sitting.page(31)


def test_the_review_says_what_was_submitted_by_itself_and_what_came_too_late(sitting):
    sitting.begin()
    sitting.give(0, at=5)
    sitting.give(1, at=31)
    timing_out.submit_overdue(minute(41))
    review = sitting.page(45)
    assert "what you had answered was submitted by itself" in review
    assert "1 answer came after the time limit and doesn't count" in re.sub("&#x27;", "'", review)
    assert "Start attempt 2" in sitting.page(45, "?again")


def test_an_attempt_without_a_limit_has_no_clock(client):
    sitting = Sitting(client, time_limit_minutes=None, grace_minutes=None)
    page = sitting.page(0)
    assert "data-question" in page
    assert 'role="timer"' not in page


def test_the_course_document_of_a_learner_has_no_question_of_it(sitting):
    with time_machine.travel(NOON, tick=False):
        page = sitting.client.get(f"/api/courses/{sitting.course.pk}/")
    [quiz] = page.json()["modules"][0]["contents"]
    assert (quiz["time_limit_minutes"], quiz["questions"]) == (30, [])
