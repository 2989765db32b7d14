"""Learners of a course who learn, fail, pass and complete, at any time."""

from datetime import datetime, timedelta

from django.utils import timezone

from progress.models import Course, CourseProgress, LearningSession, User
from tests.factories import a_learner, a_session, content, enrolled, report

from .admin import QUIZ, a_staff_member

DAY = timedelta(days=1)
A_QUIZ = QUIZ | {"pass_percentage": 75}
LOOKS = ("view_courseprogress", "view_course")


def an_instructor_of(*courses: Course) -> User:
    return a_staff_member(*LOOKS, teaches=courses)


def someone(course: Course, *, enrolled_ago: timedelta = 30 * DAY, **changes) -> User:
    """A learner who was enrolled `enrolled_ago`."""
    person = a_learner(**changes)
    enrolled(person, course, now=timezone.now() - enrolled_ago)
    return person


def learn(course: Course, person: User, *, ago: timedelta) -> LearningSession:
    """A session, `ago`, with half a minute of the first content."""
    then = timezone.now() - ago
    session = a_session(course, person, now=then)
    watched = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 30]],
        "duration_seconds": 15,
        "video_position": 30,
    }
    report(session, watched, now=then + timedelta(seconds=30))
    return session


def fail(course: Course, person: User, code: str, *, times: int, ago: timedelta) -> None:
    """Submit a quiz `times` times, always with the wrong choice."""
    _submit(course, person, code, is_right=False, times=times, ago=ago)


def pass_quiz(course: Course, person: User, code: str, *, ago: timedelta) -> None:
    _submit(course, person, code, is_right=True, times=1, ago=ago)


def _submit(course, person, code, *, is_right: bool, times: int, ago: timedelta) -> None:
    then = timezone.now() - ago
    session = a_session(course, person, now=then)
    quiz = content(course, code)
    question = quiz.questions.get()
    chosen = question.choices.get(is_correct=is_right).pk
    for number in range(times):
        answered = {
            "content_id": quiz.pk,
            "interaction_type": "answer",
            "question_id": question.pk,
            "answer": [chosen],
        }
        submitted = {"content_id": quiz.pk, "interaction_type": "submit"}
        moment = then + timedelta(minutes=number + 1)
        report(session, answered, submitted, now=moment)


def complete(course: Course, person: User, moment: datetime) -> None:
    """Writes the row as folding would."""
    CourseProgress.objects.filter(user=person, course=course).update(
        completion_bp=10_000, completed_at=moment
    )
