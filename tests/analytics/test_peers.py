"""What like learners needed: where those went who failed a quiz and passed it later."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from analytics.models import PeerContent
from analytics.recommending import peers
from progress.jobs import Run
from tests.factories import a_course_of, a_learner, a_session, content, report
from tests.support.quiz_answers import a_quiz, answer
from tests.support.recommendations import a_text, suggested

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def course():
    """A lesson, another one, and a quiz of four questions that half of them pass."""
    quiz = a_quiz(title="Which door", pass_percentage=50, max_attempts=5)
    return a_course_of(a_text("Doors"), a_text("Windows"), quiz)


def visits(learner, course, code, at):
    session = a_session(course, learner, now=at)
    seen = {"content_id": content(course, code).pk, "interaction_type": "view"}
    report(session, seen, now=at + timedelta(seconds=5))


def recovers(course, *between, ago=60 * MINUTE):
    """Fails, is at these contents, and passes."""
    learner, at = a_learner(course), NOW - ago
    answer(learner, course, 0, at=at, code="c3")
    for number, code in enumerate(between, 1):
        visits(learner, course, code, at + number * MINUTE)
    answer(learner, course, 4, at=at + 10 * MINUTE, code="c3")
    return learner


def found() -> dict[str, tuple[int, int]]:
    peers.find(Run("find_peers", NOW))
    rows = PeerContent.objects.select_related("content")
    return {row.content.title: (row.went_back, row.learners) for row in rows}


def test_only_what_was_met_between_failing_and_passing_counts(course):
    for number in range(6):
        learner = recovers(course, *(["c1"] if number < 4 else []))
        visits(learner, course, "c2", NOW - 20 * MINUTE)  # after passing
    assert found() == {"Doors": (4, 6)}


def test_learners_who_passed_at_once_or_never_are_not_counted(course):
    for _ in range(5):
        recovers(course, "c1")
    answer(a_learner(course), course, 4, at=NOW - 30 * MINUTE, code="c3")
    stuck = a_learner(course)
    answer(stuck, course, 0, at=NOW - 30 * MINUTE, code="c3")
    visits(stuck, course, "c2", NOW - 20 * MINUTE)
    assert found() == {"Doors": (5, 5)}


def test_fewer_than_five_count_for_nothing(course):
    for _ in range(4):
        recovers(course, "c1")
    assert found() == {}


def test_a_second_run_gives_the_same_and_drops_what_is_gone(course):
    for _ in range(5):
        recovers(course, "c1")
    assert found() == found() == {"Doors": (5, 5)}
    PeerContent.objects.update(went_back=1)
    assert found() == {"Doors": (5, 5)}


def test_who_still_fails_is_shown_where_others_went(client, course):
    for _ in range(5):
        recovers(course, "c1")
    found()
    learner = a_learner(course)
    assert suggested(learner) == []
    answer(learner, course, 0, at=NOW - 30 * MINUTE, code="c3")
    assert suggested(learner) == [("Doors", [("like_learners", "Which door")])]
    client.force_login(learner)
    page = client.get("/").content.decode()
    assert "Of those who failed “Which door” and passed it later, 100 % came here." in page
    visits(learner, course, "c1", NOW - 20 * MINUTE)
    assert suggested(learner) == []


def test_what_only_few_of_them_did_is_not_shown(course):
    for number in range(5):
        recovers(course, *(["c2"] if number == 0 else []))
    assert found() == {"Windows": (1, 5)}
    learner = a_learner(course)
    answer(learner, course, 0, at=NOW - 30 * MINUTE, code="c3")
    assert suggested(learner) == []
