"""Evidence of a quiz that draws its questions: what was drawn is part of what is verified."""

import json

import pytest

from tests.ingest.test_draws import Drawn
from tests.support.certificates import LATER
from tests.support.evidence import unpacked, verify

from .test_verifier import sealed

pytestmark = pytest.mark.django_db


def passed() -> Drawn:
    quiz = Drawn(shuffle_questions=True)
    for question in quiz.asked:
        quiz.give(question, "right")
    assert quiz.submit()["passed"]
    return quiz


def test_the_draw_is_sealed_and_agrees_with_the_events(tmp_path):
    quiz = passed()
    certificate = sealed(quiz.session.enrollment_id)
    folder = unpacked(certificate, tmp_path)
    [attempt] = json.loads((folder / "attempts.json").read_text())
    assert attempt["drawn"] == quiz.content.attempts.get().drawn_questions
    code, said = verify(folder)
    assert code == 0, said


@pytest.mark.parametrize("change", ["another", "shorter", "none"])
def test_another_draw_is_found(tmp_path, change):
    certificate = sealed(passed().session.enrollment_id, LATER)
    folder = unpacked(certificate, tmp_path)
    path = folder / "attempts.json"
    [attempt] = json.loads(path.read_text())
    drawn = attempt["drawn"]
    attempt["drawn"] = {"another": drawn[::-1], "shorter": drawn[1:], "none": None}[change]
    path.write_text(json.dumps([attempt]))
    code, said = verify(folder)
    assert code
    assert "other questions are claimed than its events say were drawn" in said
