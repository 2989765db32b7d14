"""The time left in a course, computed from what is missing."""

from datetime import timedelta

import pytest

from progress.models import Enrollment
from progress.state.course_state import CourseState
from progress.state.time_left import PAGE_SECONDS, QUESTION_SECONDS, time_left_seconds
from tests.factories import (
    NOON,
    a_course_of,
    a_document,
    a_learner,
    a_session,
    content,
    report,
)

pytestmark = pytest.mark.django_db

VIDEO = {"content_type": "video", "duration_seconds": 60}
PAGES = {"content_type": "document", "page_count": 10}
TEXT = {"content_type": "text", "reading_seconds": 80}
EMBED = {"content_type": "embed", "completion_source": "reported"}
QUIZ = a_document()["modules"][2]["contents"][0] | {"code": "c1"}


def left(course, *events):
    """The seconds left for a learner of the course who did this, an hour after the start."""
    learner = a_learner(course)
    session = a_session(course, learner)
    if events:
        reported = [{"content_id": content(course, "c1").pk, **event} for event in events]
        receipt = report(session, *reported, now=NOON + timedelta(hours=1))
        assert {outcome.status for outcome in receipt.outcomes} == {"accepted"}
    enrollment = Enrollment.objects.select_related("course", "course_progress").get(user=learner)
    return time_left_seconds(CourseState(enrollment, NOON))


def played(*segments):
    return {
        "interaction_type": "progress",
        "segments": list(segments),
        "duration_seconds": 60,
    }


def page(number):
    return {"interaction_type": "progress", "page": number, "duration_seconds": 5}


def answers(course, count, right):
    asked = content(course, "c1").questions.order_by("position")[:count]
    return [
        {
            "interaction_type": "answer",
            "question_id": question.pk,
            "answer": [c.pk for c in question.choices.all() if c.is_correct == right],
        }
        for question in asked
    ]


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        (VIDEO, 60),
        (VIDEO | {"duration_seconds": 59.001}, 60),
        (PAGES, 10 * PAGE_SECONDS),
        (PAGES | {"reading_seconds": 90}, 90),
        (TEXT, 80),
        (EMBED, None),
    ],
)
def test_content_that_is_not_begun_counts_in_full(document, seconds):
    assert left(a_course_of(document)) == seconds


def test_watched_parts_are_subtracted():
    assert left(a_course_of(VIDEO), played([0, 10], [20, 35])) == 35


def test_what_is_complete_takes_no_more_time():
    assert left(a_course_of(VIDEO), played([0, 55])) == 0


def test_read_pages_are_subtracted():
    assert left(a_course_of(PAGES), page(1), page(4)) == 8 * PAGE_SECONDS


def test_the_unread_share_of_a_text_is_left():
    seen = {"interaction_type": "progress", "span": [0, 0.25], "duration_seconds": 60}
    assert left(a_course_of(TEXT), seen) == 60


def test_the_questions_without_an_answer_are_left():
    course = a_course_of(QUIZ)
    assert left(course) == 4 * QUESTION_SECONDS
    assert left(course, *answers(course, 3, right=False)) == QUESTION_SECONDS


def test_a_failed_quiz_counts_in_full():
    course = a_course_of(QUIZ)
    submit = {"interaction_type": "submit"}
    assert left(course, *answers(course, 4, right=False), submit) == 4 * QUESTION_SECONDS
    assert left(course, *answers(course, 4, right=True), submit) == 0


def test_only_required_content_counts_including_locked():
    course = a_course_of(VIDEO, VIDEO | {"required": False}, TEXT | {"prerequisites": ["c1"]})
    assert left(course) == 60 + 80


def test_content_without_a_length_adds_nothing():
    assert left(a_course_of(VIDEO, EMBED)) == 60
