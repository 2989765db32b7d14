"""A quiz that draws and shuffles: its page shows the same wherever it is opened."""

import re

import pytest

from progress.models import QuizAttempt
from tests.factories import NOON, a_course_of, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db
CHOICES = [{"text": f"choice {letter}", "correct": letter == "a"} for letter in "abcdef"]


def a_quiz(**changes):
    return a_course_of(
        {
            "content_type": "quiz",
            "pools": {"p": 3},
            "shuffle_questions": True,
            "shuffle_choices": True,
            "questions": [
                {
                    "code": f"q{n}",
                    "text": f"Question {n}?",
                    "pool": "p" if changes.get("pools", True) else "",
                    "choices": CHOICES,
                }
                for n in range(9)
            ],
        }
        | changes
    )


class Sitting:
    def __init__(self, client, course):
        self.client, self.course = client, course
        self.learner = a_learner(course)
        client.force_login(self.learner)
        self.quiz = content(course, "c1")
        self.session = a_session(course, self.learner)

    def page(self, query="") -> str:
        address = f"/courses/{self.course.pk}/contents/{self.quiz.pk}/{query}"
        return self.client.get(address).content.decode()

    def shown(self) -> tuple[list[int], list[int]]:
        page = self.page()
        questions = re.findall(r'data-question="(\d+)"', page)
        choices = re.findall(r'name="q\d+" value="(\d+)"', page)
        return [int(pk) for pk in questions], [int(pk) for pk in choices]

    def send(self, **event):
        [outcome] = report(self.session, {"content_id": self.quiz.pk} | event, now=NOON).outcomes
        assert outcome.status == "accepted"


def test_the_page_asks_what_the_attempt_then_stores(client):
    sitting = Sitting(client, a_quiz())
    questions, choices = sitting.shown()
    assert len(questions) == 3
    assert not QuizAttempt.objects.exists()
    sitting.send(interaction_type="answer", question_id=questions[2], answer=[])
    assert QuizAttempt.objects.get().drawn_questions == questions
    assert sitting.shown() == (questions, choices)
    sitting.send(interaction_type="submit")
    texts = dict(sitting.quiz.questions.values_list("pk", "text"))
    review = re.findall(r"<h3>\d\. <bdi>(.*?)</bdi>", sitting.page())
    assert review == [texts[pk] for pk in questions]
    assert "questions have changed" not in sitting.page()


def test_choices_are_in_another_order_for_other_learners(client):
    course, orders = a_quiz(pools={}, shuffle_questions=False), set()
    for _learner in range(6):
        [questions, choices] = Sitting(client, course).shown()
        assert questions == sorted(questions)
        orders.add(tuple(choices))
    assert len(orders) == 6


def test_without_shuffling_the_page_is_as_written(client):
    course = a_quiz(pools={}, shuffle_questions=False, shuffle_choices=False)
    questions, choices = Sitting(client, course).shown()
    assert questions == sorted(questions)
    assert choices == sorted(choices)


def test_true_comes_before_false(client):
    question = {"question_type": "true_false", "text": "A fire door stays closed.", "pool": "p"}
    choices = [{"text": "True", "correct": True}, {"text": "False"}]
    questions = [question | {"code": f"q{n}", "choices": choices} for n in range(9)]
    for _learner in range(3):
        _questions, shown = Sitting(client, a_quiz(questions=questions)).shown()
        assert all(true < false for true, false in zip(shown[::2], shown[1::2], strict=True))
