"""A learner reads when they will be through at their pace, where that has proved right: a span of
days, never a chance, and nothing else."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from analytics.models import CompletionForecast
from progress.models import Enrollment, User
from tests.factories import a_course_of, a_learner
from tests.support.admin import VIDEO, text_of
from tests.support.forecasts import ended

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PACE = "At your pace you will finish"


@pytest.fixture
def course(db):
    return a_course_of(VIDEO, VIDEO, title="Fire safety")


@pytest.fixture
def learner(course, client):
    found = a_learner(course)
    client.force_login(found)
    return found


def expects(learner, first=10, last=18, **changes) -> CompletionForecast:
    enrollment, now = Enrollment.objects.get(user=learner), timezone.now()
    first_at, last_at = (None if each is None else now + each * DAY for each in (first, last))
    row = {
        "enrollment": enrollment,
        "user": learner,
        "course_id": enrollment.course_id,
        "as_of": now,
        "part": 2,
        "left_seconds": 60,
        "left_contents": 2,
        "first_at": first_at,
        "median_at": first_at,
        "last_at": last_at,
        "horizon_at": now + 60 * DAY,
        "late_chance": 0.77,
        "insufficient": "" if first_at else "unvalidated",
    }
    return CompletionForecast.objects.create(**(row | changes))


def pages(client, course) -> list[str]:
    return [text_of(client.get(path)) for path in ("/", f"/courses/{course.pk}/")]


def day(moment) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def test_days_are_shown_and_no_chance(client, learner, course):
    row = expects(learner)
    text = f"{PACE} between {day(row.first_at)} and {day(row.last_at)}"
    for page in pages(client, course):
        assert text in page
        assert not re.search(r"77 ?%|0[.,]77", page)
        assert not re.search(r"\b(be )?late\b", page.lower())


def test_one_day_is_one_day(client, learner, course):
    noon = timezone.now().replace(hour=12) + 9 * DAY
    expects(learner, first_at=noon, median_at=noon, last_at=noon + timedelta(hours=1))
    assert all(f"{PACE} around {day(noon)}" in page for page in pages(client, course))


@pytest.mark.parametrize(
    "changes",
    [
        {"first": None, "last": None},  # not proved right
        {"last": None},  # may never be completed
        {"first": -9, "last": -1},  # over
        {"as_of": timezone.now() - 3 * DAY},  # of another week
    ],
)
def test_otherwise_nothing_is_shown(client, learner, course, changes):
    expects(learner, **changes)
    assert not any(PACE in page for page in pages(client, course))


def test_a_first_day_that_is_over_is_today(client, learner, course):
    expects(learner, first=-4, last=5)
    assert all(f"between {day(timezone.now())} and" in page for page in pages(client, course))


def test_a_completed_course_has_none(client, learner, course):
    row = expects(learner)
    ended(row.enrollment, timezone.now())
    assert not any(PACE in page for page in pages(client, course))


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "In Ihrem Tempo"), ("es", "A su ritmo"), ("ar", "بوتيرتك")],
)
def test_in_the_learners_language(client, learner, course, language, text):
    expects(learner)
    User.objects.filter(pk=learner.pk).update(language=language)
    assert all(text in page for page in pages(client, course))


def test_it_costs_no_statement(client, learner, course):
    def statements() -> list[int]:
        found = []
        for path in ("/", f"/courses/{course.pk}/"):
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            found.append(len(captured))
        return found

    before = statements()
    expects(learner)
    assert statements() == before
