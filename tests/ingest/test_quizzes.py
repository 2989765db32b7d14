"""Quizzes: saved answer by answer, scored once, passed for good."""

import uuid
from importlib import import_module

import pytest
from django.apps import apps

from progress.ingest.checking import check
from progress.ingest.refold import refold_course
from progress.models import ContentProgress, Course, CourseProgress, QuizAnswer, QuizAttempt
from progress.state.payloads import content_detail_payload, course_payload
from tests.factories import a_course, a_session, content, report
from tests.support.quizzes import Quiz, at

pytestmark = pytest.mark.django_db


def test_answers_are_saved_one_by_one_and_are_half_of_the_quiz():
    quiz = Quiz()
    assert quiz.answer(0, "right")["revision"] == 1
    assert quiz.row.completion_bp == 1250
    quiz.answer_all(4, base_revision=0)
    assert quiz.row.completion_bp == 5000
    assert quiz.row.completed_at is None


def test_passing_completes_and_stays():
    quiz = Quiz()
    quiz.answer_all(3)
    payload = quiz.submit()
    assert (payload["score"], payload["passed"], payload["attempt"]) == (75, True, 1)
    assert quiz.row.completion_bp == 10_000
    quiz.answer_all(0)
    assert quiz.submit()["passed"] is False
    assert quiz.row.completion_bp == 10_000
    assert quiz.row.best_score_bp == 7500


def test_failing_earns_the_score_s_share_of_the_pass_mark():
    quiz = Quiz()
    quiz.answer_all(2)
    payload = quiz.submit()
    assert (payload["score"], payload["passed"]) == (50, False)
    assert quiz.row.completion_bp == 7666  # 50 + 39.99 × 50/75
    assert quiz.row.completed_at is None


def test_a_worse_attempt_takes_nothing_away():
    quiz = Quiz()
    quiz.answer_all(2)
    quiz.submit()
    quiz.answer(0, "wrong")
    assert quiz.submit()["score"] == 0
    assert quiz.row.completion_bp == 7666


def test_a_pass_mark_of_0_is_passed_by_submitting():
    quiz = Quiz(pass_percentage=0)
    quiz.answer(0, "wrong")
    assert quiz.row.completion_bp == 1250
    assert quiz.submit()["passed"] is True
    assert quiz.row.completion_bp == 10_000


def test_answered_and_passed_are_reported_separately():
    quiz = Quiz(pass_percentage=80)
    quiz.answer_all(1)
    quiz.submit()
    enrollment = quiz.session.enrollment
    expected = {
        "answered": 4,
        "question_count": 4,
        "pass_percentage": 80,
        "best_score": 25,
        "passed": False,
    }
    answer = course_payload(enrollment, at(100))
    assert answer["completion_percentage"] == 62.49  # 50 + 39.99 × 25/80
    (remaining,) = answer["remaining"]
    assert (remaining["reason"], remaining["needed_percentage"]) == ("quiz_not_passed", 80)
    assert remaining["quiz"] == expected
    assert answer["modules"][0]["contents"][0]["quiz"] == expected
    detail = content_detail_payload(enrollment, quiz.content.pk, at(100))["quiz"]
    assert expected.items() <= detail.items()
    receipt = report(
        quiz.session, {"content_id": quiz.content.pk, "interaction_type": "view"}, now=at(100)
    )
    assert receipt.payload["contents"][0]["quiz"] == expected


def test_a_percentage_of_the_former_rule_is_folded_again():
    quiz = Quiz()
    quiz.answer_all(1)
    quiz.submit()
    fresh = quiz.row.completion_bp
    # As the rule before stored it: all answered, whatever the score.
    ContentProgress.objects.update(completion_bp=8999)
    CourseProgress.objects.update(completion_bp=8999)
    migration = import_module("progress.migrations.0012_quiz_percentages")
    migration.refold(apps, None)
    assert list(Course.objects.to_refold()) == [quiz.course]
    assert refold_course(quiz.course.pk, now=at(200)) == 1
    assert quiz.row.completion_bp == fresh == 6333
    assert CourseProgress.objects.get().completion_bp == 6333
    assert list(check(at(200))) == []


def test_without_a_pass_mark_submitting_completes():
    quiz = Quiz(pass_percentage=None)
    quiz.answer(0, "wrong")
    payload = quiz.submit()
    assert payload["score"] == 0
    assert "passed" not in payload
    assert quiz.row.completion_bp == 10_000


def test_a_writer_with_an_old_base_gets_the_stored_answer_back_and_both_are_kept():
    quiz = Quiz()
    phone = a_session(quiz.course, quiz.session.user)
    quiz.answer(0, "right")
    payload = quiz.answer(0, "wrong", session=phone)
    assert (payload["status"], payload["code"]) == ("conflict", "revision_conflict")
    assert payload["stored"] == quiz.choices(quiz.questions[0], "right")
    assert payload["revision"] == 1
    assert quiz.answer(0, "wrong", session=phone, base_revision=1)["revision"] == 2
    kept = QuizAnswer.objects.order_by("pk").values_list("revision", "is_conflict")
    assert list(kept) == [(1, False), (1, True), (2, False)]


def test_a_base_revision_from_the_future_is_refused():
    payload = Quiz().answer(0, "right", base_revision=3)
    assert (payload["status"], payload["errors"][0]["attr"]) == ("rejected", "base_revision")


def test_a_late_answer_to_a_closed_attempt_is_rejected_and_opens_none():
    quiz = Quiz()
    quiz.answer(0, "right", sequence=1)
    quiz.submit(sequence=5)
    assert quiz.answer(1, "right", attempt=1)["code"] == "attempt_closed"
    assert quiz.answer(1, "right", sequence=3)["code"] == "attempt_closed"
    assert QuizAttempt.objects.count() == 1
    assert quiz.answer(1, "right", sequence=6)["attempt"] == 2


def test_attempts_may_be_limited():
    quiz = Quiz(max_attempts=1)
    quiz.answer(0, "right")
    quiz.submit()
    assert quiz.answer(0, "right")["code"] == "no_attempts_left"
    assert quiz.submit()["code"] == "attempt_closed"


def test_submitting_without_an_answer_is_refused():
    assert Quiz().submit()["code"] == "no_open_attempt"


@pytest.mark.parametrize(
    ("event", "attr"),
    [
        ({"interaction_type": "answer", "answer": [1]}, "question_id"),
        ({"interaction_type": "answer", "question_id": 0, "answer": []}, "question_id"),
        ({"interaction_type": "answer"}, "question_id"),
    ],
)
def test_a_wrong_answer_event_names_its_field(event, attr):
    payload = Quiz().send(event)
    assert (payload["status"], payload["errors"][0]["attr"]) == ("rejected", attr)


def test_a_choice_of_another_question_is_refused():
    quiz = Quiz()
    foreign = quiz.choices(quiz.questions[1], "right")
    payload = quiz.send(
        {
            "interaction_type": "answer",
            "question_id": quiz.questions[0].pk,
            "answer": foreign,
        }
    )
    assert payload["errors"][0]["attr"] == "answer"


def test_only_a_quiz_is_answered():
    course = a_course()
    session, video = a_session(course), content(course, "video")
    receipt = report(session, {"content_id": video.pk, "interaction_type": "submit"}, now=at(1))
    assert receipt.outcomes[0].errors[0].attr == "interaction_type"


def test_time_is_kept_for_each_question_and_attempt():
    quiz = Quiz()
    quiz.answer(0, "right", duration_seconds=7)
    quiz.answer(1, "right", duration_seconds=5)
    attempt = QuizAttempt.objects.get()
    assert attempt.time_ms == 12_000
    assert attempt.question_ms == {
        str(quiz.questions[0].pk): 7_000,
        str(quiz.questions[1].pk): 5_000,
    }


def test_a_repeated_submission_answers_the_same_score():
    quiz = Quiz()
    quiz.answer_all(4)
    event_id = str(uuid.uuid4())
    first = quiz.submit(event_id=event_id)
    again = quiz.submit(event_id=event_id)
    assert again["status"] == "duplicate"
    assert (again["score"], again["attempt"]) == (first["score"], 1)
    assert QuizAttempt.objects.count() == 1
