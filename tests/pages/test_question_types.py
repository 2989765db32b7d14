"""The page of a quiz with a question of every type: its fields, its review, and what it hides."""

import json
import re

import pytest

from progress.models import QuizAttempt
from tests.factories import NOON, a_course_of, a_learner, a_session, content, report
from tests.support.question_types import right_answers, typed_questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def sitting(client):
    course = a_course_of(
        {"content_type": "quiz", "pass_percentage": 50, "questions": typed_questions()}
    )
    learner = a_learner(course)
    client.force_login(learner)
    quiz = content(course, "c1")
    session = a_session(course, learner)

    def send(**event):
        receipt = report(session, {"content_id": quiz.pk} | event, now=NOON)
        assert [outcome.status for outcome in receipt.outcomes] == ["accepted"]

    def page() -> str:
        return client.get(f"/courses/{course.pk}/contents/{quiz.pk}/").content.decode()

    return quiz, send, page


def _answer_all(quiz, send) -> None:
    ids = dict(quiz.questions.values_list("code", "pk"))
    for code, answer in right_answers(quiz).items():
        send(interaction_type="answer", question_id=ids[code], answer=answer)


def test_each_type_has_its_fields_and_hides_what_is_right(sitting):
    quiz, _send, page = sitting
    source = page()
    for kind in ("true_false", "multiple", "ordering", "matching", "numeric", "short_text"):
        assert f'data-type="{kind}"' in source
    assert not re.search("12[.]5|Fire brigade", source)
    shown = [int(pk) for pk in re.findall(r'<li data-choice="(\d+)"', source)]
    right = right_answers(quiz)["order"]
    assert sorted(shown) == sorted(right)
    assert shown != right


def test_answers_are_found_again_on_another_device(sitting):
    quiz, send, page = sitting
    _answer_all(quiz, send)
    source = page()
    right = right_answers(quiz)
    assert [int(pk) for pk in re.findall(r'<li data-choice="(\d+)"', source)] == right["order"]
    prompts = re.findall(r'data-prompt="(\d+)">.*?value="(\d+)" selected', source)
    assert {(int(a), int(b)) for a, b in prompts} == set(map(tuple, right["match"]))
    assert 'value="12,9"' in source
    state = re.search(r'id="quiz-state"[^>]*>(.*?)</script>', source).group(1)
    assert json.loads(state)["answers"] == QuizAttempt.objects.get().answers


def test_the_review_shows_the_own_answer_and_what_was_right(sitting):
    quiz, send, page = sitting
    _answer_all(quiz, send)
    number = quiz.questions.get(code="number").pk
    send(interaction_type="answer", question_id=number, answer=["99"], base_revision=1)
    send(interaction_type="submit")
    review = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page()))
    for line in ("Oil: Foam", "99", "Correct answer 12.5", "Alarm Leave Meet Report"):
        assert line in review
