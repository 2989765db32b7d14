"""Explanations are shown in the review, and nowhere before it."""

import json
import re

import pytest
from django.utils import timezone

from progress.catalogue import course_document, replace_course
from progress.state.payloads import content_detail_payload, course_payload
from tests.factories import NOON, a_course, a_learner, a_session, content, report
from tests.support.callers import api

pytestmark = pytest.mark.django_db
SECRETS = ["Because of air", "It feeds the fire", "That is it"]


@pytest.fixture
def course(db):
    course = a_course()
    document = course_document(course, is_author=True)
    for question in document["modules"][2]["contents"][0]["questions"]:
        question |= {"explanation": SECRETS[0], "taught_in": "video", "taught_at": 45}
        question["choices"][0]["explanation"] = SECRETS[2]
        question["choices"][1]["explanation"] = SECRETS[1]
    return replace_course(document)


class Sitting:
    def __init__(self, client, course):
        self.client, self.course = client, course
        self.learner = a_learner(course)
        client.force_login(self.learner)
        self.session = a_session(course, self.learner)
        self.quiz = content(course, "quiz")

    def answer(self, *texts: str, of: int = 4):
        for question in self.quiz.questions.all()[:of]:
            chosen = [each.pk for each in question.choices.all() if each.text in texts]
            self.send(interaction_type="answer", question_id=question.pk, answer=chosen)

    def send(self, **event):
        [outcome] = report(self.session, {"content_id": self.quiz.pk} | event, now=NOON).outcomes
        assert outcome.status == "accepted"
        return outcome

    def page(self, query: str = "") -> str:
        address = f"/courses/{self.course.pk}/contents/{self.quiz.pk}/{query}"
        return self.client.get(address).content.decode()


@pytest.fixture
def sitting(client, course):
    return Sitting(client, course)


def everything_before(sitting, course) -> str:
    """What every door gives a learner whose attempt isn't submitted."""
    enrollment, client = sitting.session.enrollment, api(sitting.learner)
    now = timezone.now()
    own = f"/api/employee/realtime_progress/{sitting.learner.pk}/{course.pk}"
    return "\n".join(
        [
            sitting.page(),
            sitting.page("?again"),
            sitting.page("?attempt=1"),
            sitting.client.get(f"/courses/{course.pk}/").content.decode(),
            client.get(f"/api/courses/{course.pk}/").content.decode(),
            _read(client, own),
            _read(client, f"/api/employee/content_progress/{sitting.learner.pk}/{sitting.quiz.pk}"),
            json.dumps(course_document(course, is_author=False), default=str),
            json.dumps(content_detail_payload(enrollment, sitting.quiz.pk, now), default=str),
            json.dumps(course_payload(enrollment, now), default=str),
        ]
    )


def _read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_no_door_shows_an_explanation_before_submission(sitting, course):
    sitting.answer("wrong")
    found = everything_before(sitting, course)
    assert "Question 1?" in found
    for secret in [*SECRETS, "taught_in", "Taught in", "explanation"]:
        assert secret not in found
    receipt = sitting.send(interaction_type="submit").as_payload()
    assert not any(secret in json.dumps(receipt) for secret in SECRETS)


def test_a_failed_attempt_explains_what_was_chosen_and_says_where_to_learn(sitting):
    sitting.answer("wrong")
    sitting.send(interaction_type="submit")
    review = sitting.page()
    assert review.count("It feeds the fire") == 4
    # What is right stays open as long as the quiz does.
    assert "Because of air" not in review
    assert "That is it" not in review
    url = f"/courses/{sitting.course.pk}/contents/{content(sitting.course, 'video').pk}/#at=45"
    assert review.count(f'<a href="{url}"><bdi>Fire doors</bdi>, 0:45</a>') == 4


def test_a_passed_attempt_explains_everything(sitting):
    sitting.answer("right", "also right")
    sitting.send(interaction_type="submit")
    review = sitting.page()
    for secret in SECRETS:
        assert review.count(secret) == 4


def test_the_next_attempt_hides_again_what_gives_answers_away(sitting, course):
    sitting.answer("wrong")
    sitting.send(interaction_type="submit")
    sitting.answer("wrong", of=1)
    assert not any(secret in sitting.page() for secret in SECRETS)


@pytest.mark.parametrize(
    ("code", "place", "shown", "fragment"),
    [
        ("pages", 4, "page 4", "#at=4"),
        ("text", 3, "paragraph 3", "#paragraph=3"),
        ("audio", None, "", ""),
    ],
)
def test_the_link_leads_to_the_place(sitting, course, code, place, shown, fragment):
    document = course_document(course, is_author=True)
    for question in document["modules"][2]["contents"][0]["questions"]:
        question |= {"taught_in": code, "taught_at": place}
    replace_course(document)
    sitting.answer("wrong")
    sitting.send(interaction_type="submit")
    [url, text] = re.search(r'Taught in <a href="([^"]+)">(.*?)</a>', sitting.page()).groups()
    assert url == f"/courses/{course.pk}/contents/{content(course, code).pk}/{fragment}"
    assert text.endswith(f", {shown}") if shown else text.endswith("</bdi>")


def test_a_lesson_that_is_not_open_has_no_link(sitting, course):
    document = course_document(course, is_author=True)
    document["modules"][0]["contents"][0]["hidden"] = True
    replace_course(document)
    sitting.answer("wrong")
    sitting.send(interaction_type="submit")
    assert "Taught in" not in sitting.page()
