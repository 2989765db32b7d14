"""Attempts that the server submitted, and drawn questions, count in the figures about questions."""

import pytest

from analytics.facts.rollups import folding
from analytics.models import QuestionRollup
from progress.ingest import timing_out
from progress.jobs import Run
from tests.ingest.test_draws import Drawn
from tests.ingest.test_time_limits import Timed, minute

pytestmark = pytest.mark.django_db


def figures() -> dict[int, tuple[int, int]]:
    """How often each question was answered, and how often correctly."""
    folding.fold_new(Run("fold", minute(60)))
    rows = QuestionRollup.objects.values_list("question_id", "answers", "right")
    return {question: (answers, right) for question, answers, right in rows}


def test_an_attempt_that_the_server_submitted_is_counted():
    quiz = Timed()
    quiz.begin()
    quiz.give(0, at=10)
    quiz.give(1, at=10, right=False)
    quiz.give(2, at=31)
    assert figures() == {}
    timing_out.submit_overdue(minute(41))
    first, second, *_others = quiz.questions
    assert figures() == {first.pk: (1, 1), second.pk: (1, 0)}


def test_only_drawn_questions_are_counted():
    quiz = Drawn()
    asked = quiz.asked
    for question in asked:
        quiz.give(question, "right")
    quiz.submit()
    assert figures() == dict.fromkeys(asked, (1, 1))
