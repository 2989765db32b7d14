"""Complete or begun content stays open when its author locks it later."""

from datetime import timedelta

import pytest

from progress.catalogue import course_document, replace_course
from progress.state.course_state import CourseState
from tests.factories import NOON, a_course_of, a_learner, a_session, content, enrolled, report

pytestmark = pytest.mark.django_db

FILM = {"content_type": "video", "duration_seconds": 60, "title": "Film"}
LATER = NOON + timedelta(days=40_000)
LOCKS = {
    "a release date": {"release_at": LATER.isoformat()},
    "a prerequisite": {"prerequisites": ["c2"]},
    "both": {"release_at": LATER.isoformat(), "prerequisites": ["c2"]},
}


def locked_later(course, lock):
    document = course_document(course, is_author=True)
    document["modules"][0]["contents"][0] |= lock
    return replace_course(document, course=course)


def page(client, course):
    answer = client.get(f"/courses/{course.pk}/contents/{content(course, 'c1').pk}/")
    return answer.content.decode()


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
@pytest.mark.parametrize(("seconds", "reason"), [(20, "in_progress"), (60, None)])
def test_begun_or_complete_content_stays_open(client, lock, seconds, reason):
    course = a_course_of(FILM, FILM | {"title": "Other"})
    learner = a_learner(course)
    session = a_session(course, learner)
    client.force_login(learner)
    event = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "play",
        "segments": [[0, seconds]],
        "duration_seconds": 60,
    }
    report(session, event, now=NOON + timedelta(minutes=2))
    course = locked_later(course, lock)
    assert '<video id="media"' in page(client, course)
    state = CourseState(session.enrollment, NOON + timedelta(minutes=3))
    reasons = {spec.code: state.reason(spec) for spec in state.remaining()}
    assert reasons.get("c1") == reason
    # Learners who haven't begun must wait.
    other = a_learner()
    enrolled(other, course)
    client.force_login(other)
    assert '<video id="media"' not in page(client, course)


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_quiz_that_is_begun_can_be_finished(client, lock):
    choices = [{"text": "yes", "correct": True}, {"text": "no"}]
    quiz = {
        "content_type": "quiz",
        "pass_percentage": 100,
        "questions": [{"code": "q", "text": "?", "choices": choices}],
    }
    course = a_course_of(quiz, FILM)
    learner = a_learner(course)
    session = a_session(course, learner)
    client.force_login(learner)
    question = content(course, "c1").questions.get()
    answer = {
        "content_id": question.content_id,
        "interaction_type": "answer",
        "question_id": question.pk,
        "answer": [question.choices.get(text="yes").pk],
    }
    report(session, answer, now=NOON + timedelta(minutes=1))
    course = locked_later(course, lock)
    assert '<form id="quiz"' in page(client, course)
    submit = {"content_id": question.content_id, "interaction_type": "submit"}
    [outcome] = report(session, submit, now=NOON + timedelta(minutes=2)).outcomes
    assert outcome.as_payload()["passed"] is True
