"""Counts and averages of sessions, mended where they should ever differ."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress import ingest
from progress.ingest.averages import RECENT, recompute
from progress.models import CourseProgress, LearningSession
from tests.factories import NOON, a_course, a_learner, a_session

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=30)


@pytest.fixture
def sat():
    """A learner with sessions of ten and twenty minutes, and an open one."""
    course = a_course()
    learner = a_learner(course)
    for minutes in (10, 20):
        session = a_session(course, learner)
        everybody = LearningSession.objects.all()
        end = NOON + timedelta(minutes=minutes)
        ingest.end(everybody, session.pk, [], sent_ms=None, now=end)
    a_session(course, learner, now=NOON + timedelta(minutes=20))
    return CourseProgress.objects.get(user=learner)


def test_starting_and_ending_sessions_keeps_averages_right(sat):
    assert (sat.total_sessions, sat.avg_session_duration) == (3, Decimal("15.00"))
    assert recompute(LATER) == 0


def test_what_differs_is_corrected_and_nothing_else_is_touched(sat):
    CourseProgress.objects.filter(pk=sat.pk).update(total_sessions=7, ended_ms=1)
    other = a_session(a_course())
    assert recompute(LATER) == 1
    sat.refresh_from_db()
    assert (sat.total_sessions, sat.avg_session_duration) == (3, Decimal("15.00"))
    assert CourseProgress.objects.get(user=other.user).total_sessions == 1
    assert recompute(LATER) == 0


def test_it_costs_what_changed_lately_and_not_what_exists(sat):
    LearningSession.objects.filter(end_time=None).update(end_time=LATER, end_reason="expired")
    assert recompute(LATER + timedelta(minutes=1)) == 1
    CourseProgress.objects.filter(pk=sat.pk).update(total_sessions=7)
    assert recompute(LATER + RECENT + timedelta(minutes=1)) == 0


def test_a_session_of_a_fraction_of_a_millisecond_agrees():
    session = a_session(a_course(), now=NOON + timedelta(microseconds=700))
    end = NOON + timedelta(seconds=1, microseconds=100)
    ingest.end(LearningSession.objects.all(), session.pk, [], sent_ms=None, now=end)
    assert recompute(LATER) == 0


def test_fifty_differences_cost_as_many_statements_as_one():
    def statements(learners):
        course = a_course()
        for _ in range(learners):
            a_session(course)
        CourseProgress.objects.filter(course=course).update(total_sessions=9)
        with CaptureQueriesContext(connection) as captured:
            assert recompute(LATER) == learners
        return len(captured)

    assert statements(50) == statements(1)


def test_a_new_cycle_ends_the_sessions_of_the_old_one():
    from progress.ingest.enrolling import begin_new_cycle

    course = a_course()
    learner = a_learner(course)
    name = UUID(int=1)
    old = a_session(course, learner, client_session_id=name)
    cycle = begin_new_cycle(learner.pk, course.pk, now=LATER - timedelta(minutes=10)).enrollment
    old.refresh_from_db()
    assert (old.end_reason, old.end_time) == ("ended", LATER - timedelta(minutes=10))
    assert CourseProgress.objects.get(pk=old.enrollment_id).ended_sessions == 1
    assert cycle.cycle == 2
    assert a_session(course, learner, now=LATER).enrollment_id == cycle.pk
