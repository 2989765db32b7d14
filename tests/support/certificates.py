"""A learner completes a course, and has it certified."""

from datetime import timedelta

from certificates.lifecycle import issuing
from certificates.models import Certificate, Validity
from progress.models import Course, Enrollment
from tests.factories import (
    NOON,
    a_course_of,
    a_learner,
    a_session,
    content,
    enrolled,
    report,
)
from tests.support.races import watched

DAY = timedelta(days=1)
LATER = NOON + timedelta(seconds=1700)
VIDEO = {"content_type": "video", "duration_seconds": 10}


def a_short_course(**changes) -> Course:
    return a_course_of(VIDEO, **changes)


def completed(learner=None, course=None) -> Enrollment:
    """An enrolment whose last event has just come in; its message is not sent yet."""
    course = course or a_short_course(title="Fire safety")
    learner = learner or a_learner()
    enrolled(learner, course)
    session = a_session(course, learner)
    report(session, watched(content(course, "c1"), duration_seconds=10), now=LATER)
    return session.enrollment


def a_certificate(course=None, **learner) -> Certificate:
    """A certificate that is issued but not rendered yet."""
    certificate = issuing.issue(completed(a_learner(**learner), course).pk, LATER)
    assert certificate is not None
    return certificate


def a_course_with(**terms):
    course = a_short_course(title="Fire safety")
    Validity.objects.create(course=course, **terms)
    return course


def status(certificate, now=None) -> str:
    return Certificate.objects.with_status(now).get(pk=certificate.pk).status


def again(certificate, now) -> Certificate:
    """The learner goes through the current cycle, and it is certified."""
    course = certificate.course
    session = a_session(course, certificate.user, now=now)
    report(session, watched(content(course, "c1"), duration_seconds=10), now=now + DAY / 24)
    made = issuing.issue(session.enrollment_id, now + DAY / 24)
    assert made is not None
    return made
