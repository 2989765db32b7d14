"""A changed course brings its learners along, whether or not they do anything."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress import signals
from progress.catalogue import replace_course
from progress.ingest.checking import check
from progress.ingest.enrolling import unenroll
from progress.ingest.refold import refold_course
from progress.models import ContentProgress, Course, CourseProgress, OutboxMessage
from tests.factories import NOON, a_document, a_learner, a_session, content, report

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=10)
VIDEO = {"code": "video", "content_type": "video", "duration_seconds": 60}
EXTRA = {"code": "extra", "content_type": "video", "duration_seconds": 60}


def document(*contents):
    return a_document(modules=[{"code": "m", "contents": list(contents)}])


def watched(course, seconds):
    """A learner who has watched the first `seconds` of the video."""
    session = a_session(course)
    beat = {
        "content_id": content(course, "video").pk,
        "interaction_type": "progress",
        "segments": [[0, seconds]],
        "duration_seconds": seconds,
    }
    report(session, beat, now=NOON + timedelta(seconds=seconds))
    return CourseProgress.objects.get(user=session.user)


def test_a_content_left_out_completes_learners_who_had_done_the_rest():
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    done, half = watched(course, 60), watched(course, 30)
    assert (done.completion_bp, half.completion_bp) == (5000, 2500)
    a_document["modules"][0]["contents"] = [VIDEO]
    replace_course(a_document)
    assert refold_course(course.pk, now=LATER) == 2
    done.refresh_from_db()
    half.refresh_from_db()
    assert (done.completion_bp, done.completed_at) == (10000, LATER)
    assert (half.completion_bp, half.completed_at) == (5000, None)
    message = OutboxMessage.objects.get()
    assert (message.kind, message.payload) == ("course_completed", {"enrollment_id": done.pk})


def test_running_it_again_changes_nothing_and_sends_no_signal():
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    watched(course, 60)
    a_document["modules"][0]["contents"] = [VIDEO]
    replace_course(a_document)
    refold_course(course.pk, now=LATER)
    before = CourseProgress.objects.values().get()
    assert refold_course(course.pk, now=LATER + timedelta(hours=1)) == 0
    assert CourseProgress.objects.values().get() == before
    assert OutboxMessage.objects.count() == 1


def test_a_longer_video_lowers_unfinished_learners_and_never_completed_ones():
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    half, done = watched(course, 30), watched(course, 60)
    a_document["modules"][0]["contents"][0] = VIDEO | {"duration_seconds": 120}
    replace_course(a_document)
    refold_course(course.pk, now=LATER)
    of = ContentProgress.objects.get
    assert of(enrollment=half.pk).completion_bp == 2500
    assert (of(enrollment=done.pk).completion_bp, of(enrollment=done.pk).completed_at) == (
        10000,
        NOON + timedelta(seconds=60),
    )


def test_a_completed_course_stays_at_100_when_its_author_adds_to_it():
    a_document = document(VIDEO)
    course = replace_course(a_document)
    done = watched(course, 60)
    a_document["modules"][0]["contents"] = [VIDEO, EXTRA]
    replace_course(a_document)
    assert refold_course(course.pk, now=LATER) == 0
    done.refresh_from_db()
    assert (done.completion_bp, done.completed_at) == (10000, NOON + timedelta(seconds=60))


def test_a_learner_who_left_is_folded_on_return_and_not_before():
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    left = watched(course, 60)
    unenroll(left.enrollment, now=LATER)
    a_document["modules"][0]["contents"] = [VIDEO]
    replace_course(a_document)
    assert refold_course(course.pk, now=LATER) == 0
    assert not Course.objects.to_refold().exists()
    left.enrollment.unenrolled_at = None
    left.enrollment.save()
    assert list(Course.objects.to_refold()) == [course]


def test_the_signals_of_a_refold_are_sent_after_it(django_capture_on_commit_callbacks):
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    done = watched(course, 60)
    a_document["modules"][0]["contents"] = [VIDEO]
    replace_course(a_document)
    heard = []

    def hear(sender, enrollment_id, module_id, **_):
        heard.append((enrollment_id, module_id))

    signals.module_completed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            refold_course(course.pk, now=LATER)
    finally:
        signals.module_completed.disconnect(hear)
    assert heard == [(done.pk, content(course, "video").module_id)]


def test_fifty_learners_cost_as_many_statements_as_one():
    def statements(learners):
        a_document = document(VIDEO, EXTRA)
        course = replace_course(a_document)
        for _ in range(learners):
            a_learner(course)
        watched(course, 60)
        a_document["modules"][0]["contents"] = [VIDEO]
        replace_course(a_document)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            refold_course(course.pk, now=LATER, chunk=100)
        return len(captured)

    assert statements(50) == statements(1)


def test_a_fold_agrees_with_the_check():
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    watched(course, 45)
    a_document["modules"][0]["contents"][1] = EXTRA | {"weight": 3}
    replace_course(a_document)
    refold_course(course.pk, now=LATER)
    assert list(check(LATER)) == []


def test_it_rests_after_each_transaction():
    a_document = document(VIDEO, EXTRA)
    course = replace_course(a_document)
    for _ in range(3):
        watched(course, 30)
    a_document["modules"][0]["contents"] = [VIDEO]
    replace_course(a_document)
    rests = []
    assert refold_course(course.pk, now=LATER, chunk=1, rest=rests.append) == 3
    assert len(rests) == 3
    assert min(rests) > 0
