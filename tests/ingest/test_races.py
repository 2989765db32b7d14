"""Several devices at once, with real threads on real rows."""

import uuid
from datetime import timedelta

import pytest

from progress import ingest, signals
from progress.ingest.closing import expire_silent
from progress.ingest.enrolling import enroll
from progress.models import (
    ContentProgress,
    CourseProgress,
    Enrollment,
    LearningSession,
    OutboxMessage,
)
from tests.factories import NOON, a_course_of, a_learner, a_session, report
from tests.support.races import at_once, watched

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + timedelta(seconds=1700)


def test_sixteen_devices_finish_sixteen_contents_and_the_course_completes_once():
    course = a_course_of(*[{"content_type": "video", "duration_seconds": 10}] * 16)
    learner = a_learner(course)
    contents = list(course.modules.get().contents.all())
    sessions = [a_session(course, learner) for _ in contents]
    heard = []
    signals.course_completed.connect(
        lambda **details: heard.append(details), weak=False, dispatch_uid=1
    )
    try:
        at_once(
            [
                lambda session=session, content=content: report(
                    session, watched(content), now=LATER
                )
                for session, content in zip(sessions, contents, strict=True)
            ]
        )
    finally:
        signals.course_completed.disconnect(dispatch_uid=1)
    progress = CourseProgress.objects.get()
    assert progress.completion_bp == 10_000
    assert OutboxMessage.objects.filter(kind="course_completed").count() == 1
    assert progress.chain_length == 16


def test_the_same_events_from_eight_threads_count_once():
    course = a_course_of({"content_type": "video", "duration_seconds": 10})
    session = a_session(course)
    event = watched(course.modules.get().contents.get(), event_id=str(uuid.uuid4()))
    event |= {"duration_seconds": 10}
    receipts = at_once([lambda: report(session, event, now=LATER)] * 8)
    statuses = sorted(receipt.outcomes[0].status for receipt in receipts)
    assert statuses == ["accepted"] + ["duplicate"] * 7
    session.refresh_from_db()
    assert session.active_ms == 10_000
    assert ContentProgress.objects.get().replayed_ms == 0


def test_two_relaunches_get_one_session_and_two_enrolments_one_enrolment():
    course = a_course_of({"content_type": "video", "duration_seconds": 10})
    learner, name = a_learner(), uuid.uuid4()
    at_once([lambda: enroll(learner.pk, course.pk, now=NOON)] * 6)
    assert Enrollment.objects.count() == 1
    at_once(
        [
            lambda: ingest.start(
                user_id=learner.pk, course_id=course.pk, now=NOON, client_session_id=name
            )
        ]
        * 6
    )
    assert LearningSession.objects.count() == 1
    assert CourseProgress.objects.get().total_sessions == 1


def test_sweeps_ends_and_events_at_once_close_a_session_once():
    course = a_course_of({"content_type": "video", "duration_seconds": 10})
    session = a_session(course)
    content = course.modules.get().contents.get()
    much_later = NOON + timedelta(hours=3)
    sessions = LearningSession.objects.all()
    at_once(
        [
            lambda: expire_silent(much_later),
            lambda: expire_silent(much_later),
            lambda: ingest.end(sessions, session.pk, [], sent_ms=None, now=much_later),
            lambda: report(session, watched(content), now=LATER),
        ]
    )
    progress, session = CourseProgress.objects.get(), LearningSession.objects.get()
    assert progress.ended_sessions == 1
    assert progress.ended_ms == (session.end_time - session.start_time) / timedelta(milliseconds=1)
