"""Evidence of quizzes with a time limit: late answers don't count, and a submission may have no
event."""

import json

import pytest

from progress.ingest import timing_out
from tests.ingest.test_time_limits import Timed, minute
from tests.support.evidence import unpacked, verify

from .test_verifier import sealed

pytestmark = pytest.mark.django_db


def test_late_answers_and_a_submission_by_the_server_verify(tmp_path):
    quiz = Timed()
    quiz.begin()
    for question in range(3):
        quiz.give(question, at=10)
    quiz.give(3, at=31)
    timing_out.submit_overdue(minute(41))
    folder = unpacked(sealed(quiz.session.enrollment_id), tmp_path)
    [attempt] = json.loads((folder / "attempts.json").read_text())
    assert (attempt["was_timed_out"], len(attempt["answers"])) == (True, 3)
    code, said = verify(folder)
    assert code == 0, said
    assert "was submitted by the server when its time was over" in said


def test_a_late_answer_that_is_claimed_to_count_is_found(tmp_path):
    quiz = Timed()
    quiz.begin()
    for question in range(3):
        quiz.give(question, at=10)
    quiz.give(3, at=31)
    quiz.hand_in(32)
    folder = unpacked(sealed(quiz.session.enrollment_id), tmp_path)
    path = folder / "attempts.json"
    [attempt] = json.loads(path.read_text())
    late = attempt["answers"][0] | {"question_id": quiz.questions[3].pk}
    attempt["answers"].append(late)
    path.write_text(json.dumps([attempt]))
    code, said = verify(folder)
    assert code
    assert "other answers are claimed than the events say" in said
