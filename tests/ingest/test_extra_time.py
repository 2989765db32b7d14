"""Extra time given in the middle of an attempt counts for it, and never less than before."""

import pytest

from progress.ingest import extra_time, timing_out
from progress.models import Accommodation, QuizAttempt
from tests.factories import a_learner, a_session

from .test_time_limits import Timed, minute

pytestmark = pytest.mark.django_db


def give(quiz: Timed, percent: int, at: float) -> int:
    """Set the learner's share of the limit, as the admin does."""
    user = quiz.session.user
    Accommodation.objects.update_or_create(user=user, defaults={"quiz_time_percent": percent})
    return extra_time.extend_open(user.pk, now=minute(at))


def test_an_open_attempt_ends_later():
    quiz = Timed()
    quiz.begin()
    assert give(quiz, 150, at=20) == 1
    attempt = quiz.attempt
    assert (attempt.ends_at, attempt.closes_at) == (minute(45), minute(55))
    assert "is_late" not in quiz.give(0, at=44)
    assert quiz.give(1, at=46)["is_late"]
    assert timing_out.submit_overdue(minute(54)) == 0
    assert timing_out.submit_overdue(minute(56)) == 1


def test_given_twice_it_counts_once_and_less_takes_nothing_away():
    quiz = Timed()
    quiz.begin()
    assert give(quiz, 200, at=5) == 1
    assert give(quiz, 200, at=6) == 0
    assert give(quiz, 125, at=7) == 0
    assert give(quiz, 150, at=8) == 0
    assert quiz.attempt.ends_at == minute(60)


def test_what_is_submitted_or_over_stays_so():
    quiz = Timed()
    quiz.begin()
    quiz.hand_in(10)
    assert give(quiz, 200, at=20) == 0
    late = Timed()
    late.begin()
    assert give(late, 200, at=41) == 0
    ends = {each.ends_at for each in QuizAttempt.objects.all()}
    assert ends == {minute(30)}


def test_an_answer_that_was_late_stays_late():
    quiz = Timed()
    quiz.begin()
    assert quiz.give(0, at=32)["is_late"]
    give(quiz, 150, at=33)
    assert str(quiz.questions[0].pk) not in quiz.attempt.answers
    assert "is_late" not in quiz.give(0, at=34)


def test_others_have_what_they_had_and_quizzes_without_a_limit_none():
    quiz, free = Timed(), Timed(time_limit_minutes=None, grace_minutes=None)
    other = a_session(quiz.course, a_learner(quiz.course))
    quiz.begin(session=other)
    free.begin()
    assert give(quiz, 200, at=5) == 0
    assert give(free, 200, at=5) == 0
    assert {each.ends_at for each in QuizAttempt.objects.all()} == {minute(30), None}
