"""Questions of every type: answered, graded, resumed, and shown without what must stay hidden."""

import pytest
from django.http import QueryDict

from analytics.query.attempts import distractors
from analytics.query.filters import filters_from
from certificates.evidence.records import _attempts
from progress.catalogue import course_document, replace_course
from progress.models import QuizAnswer, QuizAttempt
from progress.state.payloads import content_detail_payload
from tests.support.question_types import right_answers, typed_questions
from tests.support.quizzes import Quiz, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz():
    return Quiz(questions=typed_questions())


def give(quiz, code: str, answer: list, **more) -> dict:
    [question] = [each for each in quiz.questions if each.code == code]
    event = {"interaction_type": "answer", "question_id": question.pk, "answer": answer}
    return quiz.send(event | more)


def test_every_type_is_answered_and_graded(quiz):
    right = right_answers(quiz.content)
    for code, answer in right.items():
        assert give(quiz, code, answer)["status"] == "accepted"
    assert quiz.row.completion_bp == 5000
    assert quiz.submit()["score"] == 100
    attempt = QuizAttempt.objects.get()
    stored = {each.code: attempt.answers[str(each.pk)][1] for each in quiz.questions}
    assert stored == right
    history = QuizAnswer.objects.get(question__code="match")
    assert (history.choices, history.other_answer) == ([], right["match"])


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("true", lambda answer, ids: [ids["False"]]),
        ("one-of-several", lambda answer, ids: list(ids.values())),
        ("order", lambda answer, ids: answer[::-1]),
        ("order", lambda answer, ids: answer[:-1]),
        ("match", lambda answer, ids: answer[1:]),
        ("number", lambda answer, ids: [14]),
        ("number", lambda answer, ids: [11.5]),
        ("word", lambda answer, ids: ["neighbour"]),
    ],
)
def test_a_part_that_is_wrong_makes_the_question_wrong(quiz, code, change):
    for each, answer in right_answers(quiz.content).items():
        [question] = [known for known in quiz.questions if known.code == each]
        ids = {choice.text: choice.pk for choice in question.choices.all()}
        given = change(answer, ids) if each == code else answer
        assert give(quiz, each, given)["status"] == "accepted"
    quiz.submit()
    assert QuizAttempt.objects.get().correct_count == 5


@pytest.mark.parametrize(
    ("code", "answer", "detail"),
    [
        ("true", ["True"], "no such choice"),
        ("order", [[1, 2]], "no such choice"),
        ("match", [1], "list of pairs"),
        ("match", [[1, 2]], "no such choice"),
        ("number", ["twelve"], "Must be a number"),
        ("number", ["1", "2"], "one number or text"),
        ("word", [5], "Must be a text"),
        ("word", ["a", "b"], "one number or text"),
    ],
)
def test_an_answer_of_another_type_is_refused_by_name(quiz, code, answer, detail):
    refused = give(quiz, code, answer)
    assert refused["status"] == "rejected"
    assert detail in str(refused)
    assert not QuizAttempt.objects.exists()


@pytest.mark.parametrize("answer", [["\0"], ["x" * 1001], [[1]], [None], [{}], [True], "text"])
def test_what_no_answer_looks_like_is_refused(quiz, answer):
    assert give(quiz, "word", answer)["status"] == "rejected"


def test_a_corrected_typo_keeps_every_answer(quiz):
    for code, answer in right_answers(quiz.content).items():
        give(quiz, code, answer)
    document = course_document(quiz.course, is_author=True)
    for question in document["modules"][0]["contents"][0]["questions"]:
        if question["question_type"] in ("ordering", "matching"):
            for choice in question["choices"]:
                choice["text"] += "!"
    replace_course(document)
    assert quiz.submit()["score"] == 100


def test_the_same_document_again_changes_nothing(quiz):
    document = course_document(quiz.course, is_author=True)
    assert not replace_course(document).was_changed
    stored = document["modules"][0]["contents"][0]["questions"]
    assert [each["question_type"] for each in stored] == [
        each["question_type"] for each in typed_questions()
    ]


def test_a_learner_s_document_gives_nothing_away(quiz):
    document = course_document(quiz.course, is_author=False)
    questions = {each["code"]: each for each in document["modules"][0]["contents"][0]["questions"]}
    right = right_answers(quiz.content)
    assert questions["number"]["choices"] == questions["word"]["choices"] == []
    assert [each["id"] for each in questions["order"]["choices"]] != right["order"]
    for question in questions.values():
        assert "tolerance" not in question
        for choice in question["choices"]:
            assert not {"correct", "match"} & choice.keys()
    prompts = [each["text"] for each in questions["match"]["choices"] if each["is_prompt"]]
    assert sorted(prompts) == ["Oil", "Paper", "Wood"]


def _shown(quiz) -> list[dict]:
    enrollment = quiz.session.enrollment
    detail = content_detail_payload(enrollment, quiz.content.pk, at(1000))
    return detail["quiz"]["attempts"][0]["answers"]


def test_right_answers_are_shown_once_the_quiz_is_passed(quiz):
    right = right_answers(quiz.content)
    for code, answer in right.items():
        give(quiz, code, answer)
    open_answers = _shown(quiz)
    assert all("correct" not in each for each in open_answers)
    quiz.submit()
    answers = _shown(quiz)
    codes = {each.pk: each.code for each in quiz.questions}
    shown = {codes[each["question_id"]]: each["correct"] for each in answers}
    assert shown["order"] == right["order"]
    assert sorted(shown["match"]) == sorted(right["match"])
    assert shown["word"] == ["Fire brigade", "112"]


def test_reports_and_sealed_evidence_read_every_type(quiz):
    for code, answer in right_answers(quiz.content).items():
        give(quiz, code, answer)
    quiz.submit()
    assert (
        distractors(quiz.content, filters_from(QueryDict(), {quiz.course.pk: ""}, has_course=False))
        == {}
    )
    [sealed] = _attempts(quiz.session.enrollment)
    chosen = {each["question"]: each["chosen"] for each in sealed["answers"]}
    assert chosen["What comes first?"] == ["Alarm", "Leave", "Meet", "Report"]
    assert chosen["Which extinguisher?"] == ["Oil: Foam", "Wood: Water", "Paper: Water"]
    assert chosen["How many metres?"] == ["12,9"]


def test_a_number_is_not_stored_as_if_it_were_a_choice(quiz):
    give(quiz, "number", [13])
    row = QuizAnswer.objects.get()
    assert (row.choices, row.other_answer) == ([], [13])
    assert quiz.submit()["score"] == 16.66
