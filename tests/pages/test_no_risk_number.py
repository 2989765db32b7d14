"""A learner's own pages never show a risk score, however high, only what to do next."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from analytics.facts.risk import scoring
from analytics.models import RiskScore
from progress.jobs import Run
from tests.factories import NOON, a_course, a_learner
from tests.support.risk import show_scores

pytestmark = pytest.mark.django_db
SCORE = 83


@pytest.fixture
def learner():
    course = a_course()
    learner = a_learner(course)
    now = NOON + timedelta(days=30)
    show_scores(now=now)
    scoring.score_all(now, run=Run("test", now))
    RiskScore.objects.update(
        score=SCORE, band=RiskScore.Band.HIGH, insufficient="", unvalidated=None
    )
    assert RiskScore.objects.filter(user=learner).exists()
    return learner


def test_pages_show_no_score(learner):
    client = Client()
    client.force_login(learner)
    (course,) = learner.enrollments.values_list("course_id", flat=True)
    for address in ("/", f"/courses/{course}/", "/account/"):
        page = client.get(address, follow=True)
        text = re.sub(r"<[^>]+>", " ", page.content.decode())
        assert page.status_code == 200
        assert not re.search(rf"\b{SCORE}\b", text), address
        assert not re.search(r"\brisk\b", text, re.IGNORECASE), address


def test_the_api_shows_no_score_to_its_learner(learner):
    client = Client()
    client.force_login(learner)
    assert SCORE not in _numbers(client.get("/api/analytics/risk/").json())
    for address in (
        "/api/analytics/recommendations/",
        "/api/analytics/paths/",
        "/api/enrollments/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert '"risk' not in answer.content.decode(), address


def _numbers(document) -> list:
    if isinstance(document, dict):
        return [n for value in document.values() for n in _numbers(value)]
    if isinstance(document, list):
        return [n for value in document for n in _numbers(value)]
    return [document]
