"""The learner's own pages: what was completed elsewhere, who says so, and that nothing is owed."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from progress.models import Enrollment
from progress.pages import calendar_feed
from tests.factories import a_course_of, a_learner, a_user
from tests.support.callers import window
from tests.support.learners import DAY, learn
from tests.support.outside import elsewhere, withdrawn

pytestmark = pytest.mark.django_db
VIDEO = {"content_type": "video", "title": "Fire doors", "duration_seconds": 60}


@pytest.fixture
def course():
    return a_course_of(VIDEO, title="First aid")


@pytest.fixture
def lena(course):
    person = a_learner(course, username="lena")
    Enrollment.objects.filter(user=person).update(due_at=timezone.now() - DAY)
    return person


def said(person, address: str = "/", **headers) -> str:
    answer = window(person).get(address, headers=headers)
    assert answer.status_code == 200
    text = re.sub(r"<progress.*?</progress>", " ", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_both_pages_say_it_and_nothing_is_due(course, lena):
    own = f"/courses/{course.pk}/"
    for address in ("/", own):
        assert "Overdue" in said(lena, address)
    until = timezone.localdate() + timedelta(days=30)
    recorder = a_user(full_name="Ida Kern")
    made = elsewhere(course, lena, by=recorder, reference="RC-7", valid_until=until)
    for address in ("/", own):
        text = said(lena, address)
        assert "Completed before, on" in text and "Attended in person, Red Cross." in text
        assert "RC-7" in text and "Recorded by Ida Kern on" in text and "Valid until" in text
        assert "Overdue" not in text and "0 %" in text
        assert "You need not take the course here, but you can." in text
    assert "Start" not in said(lena) and "Start" in said(lena, own)
    withdrawn(made)
    assert "Completed before" not in said(lena) and "Overdue" in said(lena, own)


def test_what_has_ended_says_so_and_is_due_again(course, lena):
    elsewhere(course, lena, days_ago=60, valid_until=timezone.localdate() - DAY)
    for address in ("/", f"/courses/{course.pk}/"):
        text = said(lena, address)
        assert "It was valid until" in text and "Overdue" in text and "need not" not in text


def test_of_several_the_one_that_is_valid_the_longest_is_shown(course, lena):
    elsewhere(course, lena, days_ago=10, valid_until=timezone.localdate() + DAY, reference="short")
    elsewhere(course, lena, days_ago=90, reference="for good")
    elsewhere(course, lena, days_ago=5, valid_until=timezone.localdate(), reference="today")
    for address in ("/", f"/courses/{course.pk}/"):
        text = said(lena, address)
        assert "for good" in text and "short" not in text and "Valid until" not in text


def test_whoever_goes_on_nevertheless_is_offered_the_next_step(course, lena):
    elsewhere(course, lena)
    learn(course, lena, ago=timedelta(hours=2))
    text = said(lena)
    assert "Continue" in text and "Overdue" not in text and "50 %" in text


def test_without_an_enrolment_it_is_listed_by_itself(course):
    ida = a_learner(username="ida")
    assert "Completed elsewhere" not in said(ida)
    elsewhere(course, ida)
    text = said(ida)
    assert "Completed elsewhere First aid Completed before, on" in text
    assert "First aid" not in said(a_learner(username="omar"))


def test_the_calendar_has_no_due_date_of_it(course, lena):
    lena.calendar_number = 7
    lena.save()
    address = calendar_feed.address(lena)
    assert b"Due: First aid" in window(None).get(address).content
    elsewhere(course, lena)
    assert b"First aid" not in window(None).get(address).content


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ar", "حضور شخصي"),
        ("de", "Persönliche Teilnahme"),
        ("es", "Asistencia presencial"),
    ],
)
def test_it_is_said_in_every_language(code, words, course, lena):
    elsewhere(course, lena)
    assert words in said(lena, f"/courses/{course.pk}/", **{"accept-language": code})


def test_twelve_cost_as_many_statements_as_one(course, lena):
    client = window(lena)

    def statements() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/")
        return len(seen)

    elsewhere(course, lena)
    few = statements()
    for _ in range(11):
        elsewhere(a_course_of(VIDEO), lena)
    assert statements() == few
