"""Attempts that ask only some of a quiz's questions: what counts, and what an edit changes."""

import pytest
from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import ValidationError

from progress.catalogue import course_document, replace_course
from progress.ingest import regrading
from progress.models import ContentProgress, Enrollment, QuizAttempt
from progress.state.payloads import content_detail_payload, course_payload
from tests.factories import NOON, a_course_of, a_learner, a_session
from tests.support.quizzes import Quiz, at

pytestmark = pytest.mark.django_db


def questions(count: int, **each) -> list[dict]:
    choices = [{"text": "right", "correct": True}, {"text": "wrong"}]
    return [
        {"code": f"q{number}", "text": f"Question {number}?", "choices": choices} | each
        for number in range(count)
    ]


class Drawn(Quiz):
    """A quiz that asks three of eight questions, and two that are in no pool."""

    def __init__(self, **changes):
        pooled, others = questions(10), [8, 9]
        for number, question in enumerate(pooled):
            question["pool"] = "" if number in others else "hazards"
        document = {"questions": pooled, "pools": {"hazards": 3}, "pass_percentage": 80}
        super().__init__(**(document | changes))

    @property
    def asked(self) -> list[int]:
        """What the API says that the open or the next attempt asks."""
        enrollment = Enrollment.objects.get(pk=self.session.enrollment_id)
        detail = content_detail_payload(enrollment, self.content.pk, at(0))
        return detail["quiz"]["asks"]["questions"]

    def give(self, question_id: int, text: str, **more) -> dict:
        [question] = [each for each in self.questions if each.pk == question_id]
        answer = self.choices(question, text)
        return self.send(
            {"interaction_type": "answer", "question_id": question_id, "answer": answer} | more
        )

    def document(self) -> tuple[dict, dict]:
        document = course_document(self.course, is_author=True)
        return document, document["modules"][0]["contents"][0]


def test_the_draw_is_stored_when_the_attempt_begins_and_answered():
    quiz = Drawn()
    asked = quiz.asked
    assert len(asked) == 5
    begun = quiz.give(asked[0], "right")
    assert begun["questions"] == asked == QuizAttempt.objects.get().drawn_questions
    assert "questions" not in quiz.give(asked[1], "right")
    assert quiz.asked == asked


def test_what_was_not_drawn_is_refused_and_changes_nothing():
    quiz = Drawn()
    [other, *_rest] = [each.pk for each in quiz.questions if each.pk not in quiz.asked]
    refused = quiz.give(other, "right")
    assert (refused["status"], refused["errors"][0]["attr"]) == ("rejected", "question_id")
    assert not QuizAttempt.objects.exists()
    quiz.give(quiz.asked[0], "right")
    assert quiz.give(other, "right")["status"] == "rejected"
    assert list(QuizAttempt.objects.get().answers) == [str(quiz.asked[0])]


def test_percentages_count_what_was_drawn():
    quiz = Drawn()
    for number, question in enumerate(quiz.asked, 1):
        quiz.give(question, "right" if number < 5 else "wrong")
        assert quiz.row.completion_bp == 1000 * number
    state = course_payload(quiz.session.enrollment, at(1000))["remaining"][0]["quiz"]
    assert (state["answered"], state["question_count"]) == (5, 5)
    submitted = quiz.submit()
    assert (submitted["score"], submitted["passed"]) == (80, True)
    attempt = QuizAttempt.objects.get()
    assert (attempt.correct_count, attempt.question_count) == (4, 5)
    assert quiz.row.completed_at is not None


def test_an_edit_does_not_change_an_open_attempt():
    quiz = Drawn()
    asked = quiz.asked
    quiz.give(asked[0], "right")
    document, content = quiz.document()
    content["pools"] = {"hazards": 8}
    content["shuffle_questions"] = True
    content["questions"] += questions(12)[10:]
    replace_course(document)
    assert quiz.asked == asked
    for question in asked[1:]:
        quiz.give(question, "right")
    assert quiz.submit()["score"] == 100
    assert len(quiz.asked) == 12  # the next one


def test_a_question_that_was_retired_is_asked_no_more():
    quiz = Drawn()
    asked = quiz.asked
    for question in asked[1:]:
        quiz.give(question, "right")
    document, content = quiz.document()
    content["pools"] = {"hazards": 2}
    content["questions"] = [each for each in content["questions"] if each["id"] != asked[0]]
    replace_course(document)
    assert quiz.asked == asked[1:]
    assert quiz.submit()["score"] == 100


def test_an_attempt_from_before_the_pools_asks_what_it_did():
    quiz = Drawn(questions=questions(10), pools={})
    quiz.give(quiz.questions[0].pk, "right")
    document, content = quiz.document()
    content["pools"] = {"hazards": 1}
    for question in content["questions"]:
        question["pool"] = "hazards"
    replace_course(document)
    assert len(quiz.asked) == 10
    assert quiz.give(quiz.questions[7].pk, "right")["status"] == "accepted"


def test_another_device_and_the_next_attempt():
    quiz = Drawn(max_attempts=2)
    first = quiz.asked
    quiz.give(first[0], "right")
    phone = a_session(quiz.course, quiz.session.user)
    event = {"question_id": first[1], "answer": [], "interaction_type": "answer"}
    assert quiz.send(event, session=phone)["status"] == "accepted"
    quiz.submit()
    second = quiz.asked
    quiz.give(second[0], "right")
    assert QuizAttempt.objects.get(number=2).drawn_questions == second
    quiz.submit()
    detail = content_detail_payload(quiz.session.enrollment, quiz.content.pk, at(0))
    assert detail["quiz"]["asks"] is None


def test_learners_get_different_draws():
    quiz = Drawn(shuffle_questions=True)
    draws = set()
    for _learner in range(12):
        session = a_session(quiz.course, a_learner(quiz.course))
        detail = content_detail_payload(session.enrollment, quiz.content.pk, NOON)
        draws.add(tuple(detail["quiz"]["asks"]["questions"]))
    assert len(draws) > 10


def test_a_regrade_counts_what_was_drawn():
    quiz = Drawn()
    asked = quiz.asked
    for question in asked:
        quiz.give(question, "wrong" if question == asked[0] else "right")
    assert quiz.submit()["score"] == 80
    document, content = quiz.document()
    for question in content["questions"]:
        if question["id"] == asked[0]:
            for choice in question["choices"]:
                choice["correct"] = choice["text"] == "wrong"
    replace_course(document)
    quiz.content.refresh_from_db()
    assert regrading.regrade(quiz.content, reason="The key was wrong", by=None, now=at(999)) == 1
    attempt = QuizAttempt.objects.get()
    assert (attempt.score_bp, attempt.question_count) == (10_000, 5)
    assert ContentProgress.objects.get().best_score_bp == 10_000


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"pools": {"hazards": 9}}, "pools.hazards"),
        ({"pools": {"hazards": 0}}, "pools.hazards"),
        ({"pools": {"hazards": "3"}}, "pools.hazards"),
        ({"pools": ["hazards"]}, "pools"),
        ({"pools": {}}, "questions.0.pool"),
        ({"pools": {"hazards": 3, "none": 1}}, "pools.none"),
        ({"shuffle_questions": "yes"}, "shuffle_questions"),
    ],
)
def test_a_pool_that_can_not_be_drawn_is_refused_by_name(changes, path):
    with pytest.raises(ValidationError) as refused:
        Drawn(**changes)
    [error] = flatten_errors(refused.value.detail)
    assert error.attr == f"modules.0.contents.0.{path}"


def test_only_a_quiz_draws():
    with pytest.raises(ValidationError):
        a_course_of({"content_type": "text", "shuffle_choices": True})
