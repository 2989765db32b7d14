"""Pools in the editor: they come with their first question, and go with their last one."""

import pytest

from authoring import drafting
from progress.models import Question
from tests.factories import content

pytestmark = pytest.mark.django_db
QUIZ = {"module": "check", "content": "quiz"}


@pytest.fixture
def send(course, author, sign_in):
    window = sign_in(author)

    def action(name: str, **values):
        number = drafting.shown(course).number
        address = f"/authoring/courses/{course.pk}/{name}/"
        return window.post(address, {"number": number} | QUIZ | values)

    return action


def quiz_of(course) -> dict:
    return drafting.shown(course).document["modules"][2]["contents"][0]


def put(send, code: str, pool: str):
    texts = {"choice-0": "right", "choice-1": "wrong", "correct-0": "on"}
    return send("save-question", question=code, text=f"{code}?", pool=pool, **texts)


def test_questions_are_put_into_a_pool_and_some_are_drawn(course, author, send):
    for code in ("q1", "q2", "q3"):
        put(send, code, "  fire   doors ")
    assert quiz_of(course)["pools"] == {"fire doors": 1}
    send("save-pools", pool=["fire doors"], **{"draw-0": "2"})
    drafting.publish(course, author, drafting.shown(course).number)
    quiz = content(course, "quiz")
    assert quiz.pools == {"fire doors": 2}
    assert Question.objects.filter(content=quiz, pool="fire doors").count() == 3


def test_a_pool_goes_with_its_last_question(course, send):
    put(send, "q1", "a")
    put(send, "q2", "b")
    put(send, "q1", "")
    assert quiz_of(course)["pools"] == {"b": 1}
    send("remove-question", question="q2")
    assert quiz_of(course)["pools"] == {}


@pytest.mark.parametrize("draw", ["0", "-1", "", "many", "10001"])
def test_a_number_that_can_not_be_drawn_changes_nothing(course, send, draw):
    put(send, "q1", "a")
    send("save-pools", pool=["a"], **{"draw-0": draw})
    assert quiz_of(course)["pools"] == {"a": 1}


def test_more_than_a_pool_has_stands_in_the_way_of_publishing(course, send):
    put(send, "q1", "a")
    send("save-pools", pool=["a"], **{"draw-0": "2"})
    refused = send("publish")
    assert refused.status_code == 400
    assert "Draw from each pool no more questions than it has" in refused.content.decode()


def test_the_page_shows_the_pools(course, author, send, sign_in):
    put(send, "q1", "a")
    address = f"/authoring/courses/{course.pk}/content/?module=check&content=quiz"
    page = sign_in(author).get(address).content.decode()
    assert "Drawn from “a”, which has 1:" in page
    assert "Each attempt asks the questions in another order" in page
