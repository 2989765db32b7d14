"""Quizzes with a time limit: what counts, what is kept, and what the server does by itself."""

from datetime import timedelta

import pytest
from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import ValidationError

from progress.catalogue import course_document, replace_course
from progress.ingest import timing_out
from progress.ingest.events import epoch_ms
from progress.models import (
    Accommodation,
    ContentInteraction,
    ContentProgress,
    CourseProgress,
    Enrollment,
    OutboxMessage,
    QuizAnswer,
    QuizAttempt,
)
from progress.state.payloads import content_detail_payload
from tests.factories import NOON, a_course_of, a_learner, a_session, report
from tests.support.quizzes import Quiz

pytestmark = pytest.mark.django_db


def minute(number: float):
    return NOON + timedelta(minutes=number)


class Timed(Quiz):
    """A quiz of thirty minutes, whose answers may arrive ten minutes later."""

    def __init__(self, **changes):
        super().__init__(**{"time_limit_minutes": 30, "grace_minutes": 10} | changes)

    def at(self, number: float, given: float | None = None, session=None, **event) -> dict:
        """Deliver an event at a minute; its client says that it happened at the minute `given`."""
        claim = {} if given is None else {"occurred_at": minute(given).isoformat()}
        receipt = report(
            session or self.session,
            {"content_id": self.content.pk} | event | claim,
            now=minute(number),
            sent_ms=epoch_ms(minute(number)),
        )
        return receipt.outcomes[0].as_payload()

    def begin(self, number: float = 0, **more) -> dict:
        return self.at(number, interaction_type="begin", **more)

    def give(self, question: int, *, at: float, right: bool = True, **more) -> dict:
        asked = self.questions[question]
        texts = ("right", "also right") if right else ("wrong",)
        event = {"question_id": asked.pk, "answer": self.choices(asked, *texts)}
        return self.at(at, interaction_type="answer", **event | more)

    def hand_in(self, at: float, **more) -> dict:
        return self.at(at, interaction_type="submit", **more)

    @property
    def attempt(self) -> QuizAttempt:
        return QuizAttempt.objects.get()


def test_the_time_runs_from_the_beginning_by_the_server_s_clock():
    quiz = Timed()
    begun = quiz.begin(5)
    assert (begun["status"], begun["attempt"]) == ("accepted", 1)
    assert begun["ends_at"] == minute(35).isoformat()
    attempt = quiz.attempt
    assert (attempt.started_at, attempt.ends_at) == (minute(5), minute(35))
    assert attempt.closes_at == minute(45)
    assert quiz.begin(8) == begun  # said twice, it begins once
    assert quiz.attempt.started_at == minute(5)


def test_a_first_answer_begins_it_as_well():
    quiz = Timed()
    assert quiz.give(0, at=3)["ends_at"] == minute(33).isoformat()


def test_without_a_limit_beginning_opens_an_attempt():
    quiz = Timed(time_limit_minutes=None, grace_minutes=None)
    assert "ends_at" not in quiz.begin()
    assert (quiz.attempt.ends_at, quiz.attempt.closes_at) == (None, None)
    assert quiz.give(0, at=500, attempt=1)["status"] == "accepted"


def test_only_a_quiz_begins():
    course = a_course_of({"content_type": "text"})
    session = a_session(course)
    event = {"content_id": course.modules.get().contents.get().pk, "interaction_type": "begin"}
    [outcome] = report(session, event, now=NOON).outcomes
    assert outcome.as_payload()["errors"][0]["attr"] == "interaction_type"


def test_an_answer_after_the_limit_is_kept_and_not_counted():
    quiz = Timed()
    quiz.begin()
    for question in range(3):
        quiz.give(question, at=10)
    late = quiz.give(3, at=31)
    assert (late["status"], late["code"], late["is_late"]) == ("accepted", "after_time_limit", True)
    changed = quiz.give(0, at=31, right=False, base_revision=1)
    assert (changed["revision"], changed["is_late"]) == (1, True)
    kept = QuizAnswer.objects.filter(is_late=True)
    assert [each.question for each in kept] == [quiz.questions[3], quiz.questions[0]]
    assert all(each.is_conflict for each in kept)
    assert str(quiz.questions[3].pk) not in quiz.attempt.answers
    assert quiz.row.completion_bp == 3750
    assert quiz.hand_in(32)["score"] == 75


def test_an_answer_on_its_way_at_the_end_is_in_time():
    quiz = Timed()
    quiz.begin()
    assert "is_late" not in quiz.give(0, at=30.05)


def test_what_was_given_in_time_counts_when_it_arrives_within_the_grace():
    quiz = Timed()
    quiz.begin()
    quiz.give(0, at=10)
    assert "code" not in quiz.give(1, at=39, given=29)
    assert quiz.give(2, at=39, given=31)["is_late"] is True
    assert quiz.hand_in(39.5)["score"] == 50


def test_a_clock_that_is_wrong_moves_nothing():
    quiz = Timed()
    quiz.begin()
    event = {"question_id": quiz.questions[0].pk, "answer": []}
    years_ago = minute(-60 * 24 * 900)
    receipt = report(
        quiz.session,
        {
            "content_id": quiz.content.pk,
            "interaction_type": "answer",
            "occurred_at": (years_ago - timedelta(seconds=5)).isoformat(),
        }
        | event,
        now=minute(35),
        sent_ms=epoch_ms(years_ago),
    )
    # By its own clock it was given five seconds before it was sent.
    assert receipt.outcomes[0].as_payload()["is_late"] is True


def test_after_the_grace_nothing_arrives_and_the_attempt_is_submitted_as_it_is():
    quiz = Timed()
    quiz.begin()
    for question in range(3):
        quiz.give(question, at=10)
    refused = quiz.give(3, at=41, given=29)
    assert (refused["status"], refused["code"]) == ("rejected", "attempt_closed")
    attempt = quiz.attempt
    assert (attempt.submitted_at, attempt.score_bp) == (minute(40), 7500)
    assert attempt.was_timed_out
    assert quiz.row.completed_at is not None
    # A late answer never opens a new attempt.
    assert QuizAttempt.objects.count() == 1


def test_the_next_attempt_begins_when_the_learner_wants_it():
    quiz = Timed()
    quiz.begin()
    assert quiz.begin(50, attempt=2)["attempt"] == 2
    first, second = QuizAttempt.objects.all()
    assert (first.submitted_at, first.score_bp) == (minute(40), 0)
    assert second.started_at == minute(50)


# --- The job -------------------------------------------------------------------------------------
def test_the_job_submits_what_nobody_came_back_to():
    quiz = Timed()
    quiz.begin()
    for question in range(3):
        quiz.give(question, at=10)
    assert timing_out.submit_overdue(minute(40)) == 0
    assert timing_out.submit_overdue(minute(41)) == 1
    attempt = quiz.attempt
    assert (attempt.submitted_at, attempt.score_bp) == (minute(40), 7500)
    assert (attempt.passed, attempt.was_timed_out) == (True, True)
    row = ContentProgress.objects.get()
    assert (row.best_score_bp, row.completion_bp) == (7500, 10_000)
    assert CourseProgress.objects.get().completed_at == minute(41)
    assert OutboxMessage.objects.filter(kind="course_completed").count() == 1
    assert timing_out.submit_overdue(minute(42)) == 0


def test_the_job_goes_through_many_learners_in_chunks():
    quiz = Timed()
    sessions = [quiz.session, *(a_session(quiz.course) for _number in range(4))]
    for session in sessions:
        quiz.begin(session=session)
    assert timing_out.submit_overdue(minute(41), chunk=2) == 5
    assert not QuizAttempt.objects.filter(submitted_at=None).exists()


def test_job_and_event_leave_the_same_behind():
    job, event = Timed(), Timed()
    for quiz in (job, event):
        quiz.begin()
        quiz.give(0, at=10)
    timing_out.submit_overdue(minute(45))
    event.at(45, interaction_type="view")
    names = ["submitted_at", "score_bp", "passed", "correct_count", "question_count", "closes_at"]
    first, second = QuizAttempt.objects.order_by("pk").values(*names)
    assert first == second
    rows = ContentProgress.objects.order_by("pk").values("completion_bp", "best_score_bp")
    assert rows[0] == rows[1]
    submitted = ContentInteraction.objects.filter(interaction_type="submit").order_by("pk")
    names = ["status", "code", "occurred_at", "chain_index"]
    first, second = submitted.values(*names)
    assert first == second
    assert (first["code"], first["occurred_at"]) == ("time_limit", minute(40))


def test_an_attempt_without_an_answer_completes_nothing():
    quiz = Timed(pass_percentage=None)
    quiz.begin()
    timing_out.submit_overdue(minute(41))
    assert quiz.attempt.score_bp == 0
    row = ContentProgress.objects.get()
    assert (row.best_score_bp, row.completed_at) == (None, None)


# --- More time -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("percent", "end"), [(100, 30), (125, 37.5), (150, 45), (200, 60)])
def test_some_learners_have_more_time(percent, end):
    quiz = Timed()
    Accommodation.objects.create(user=quiz.session.user, quiz_time_percent=percent)
    quiz.begin()
    attempt = quiz.attempt
    assert (attempt.ends_at, attempt.closes_at) == (minute(end), minute(end + 10))
    other = a_session(quiz.course, a_learner(quiz.course))
    assert quiz.begin(session=other)["ends_at"] == minute(30).isoformat()


def test_another_limit_does_not_change_an_open_attempt():
    quiz = Timed()
    quiz.begin()
    document = course_document(quiz.course, is_author=True)
    document["modules"][0]["contents"][0] |= {"time_limit_minutes": 5, "grace_minutes": 0}
    replace_course(document)
    assert "is_late" not in quiz.give(0, at=29)
    assert quiz.attempt.ends_at == minute(30)


# --- What the API says ---------------------------------------------------------------------------
def asks(quiz, number: float) -> dict:
    enrollment = Enrollment.objects.get(pk=quiz.session.enrollment_id)
    return content_detail_payload(enrollment, quiz.content.pk, minute(number))["quiz"]["asks"]


def test_the_questions_are_said_once_the_time_runs():
    quiz = Timed()
    assert asks(quiz, 0) == {"attempt": 1, "questions": [], "ends_at": None}
    quiz.begin()
    asked = [question.pk for question in quiz.questions]
    assert asks(quiz, 1) == {"attempt": 1, "questions": asked, "ends_at": minute(30)}
    document = course_document(quiz.course, is_author=False)
    assert document["modules"][0]["contents"][0]["questions"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time_limit_minutes": 0}, "time_limit_minutes"),
        ({"time_limit_minutes": 1441}, "time_limit_minutes"),
        ({"time_limit_minutes": "30"}, "time_limit_minutes"),
        ({"grace_minutes": -1}, "grace_minutes"),
        ({"grace_minutes": 10_081}, "grace_minutes"),
        ({"time_limit_minutes": None}, "grace_minutes"),
        ({"content_type": "text", "questions": None}, None),
    ],
)
def test_a_limit_that_can_not_be_is_refused_by_name(changes, field):
    with pytest.raises(ValidationError) as refused:
        Timed(**changes)
    names = [each.attr for each in flatten_errors(refused.value.detail)]
    assert field is None or names == [f"modules.0.contents.0.{field}"]
