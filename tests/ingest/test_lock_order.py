"""Everything that holds a learner's rows takes them in one order: nobody waits for ever."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from certificates.lifecycle import renewals
from certificates.lifecycle.issuing import issue, issue_missing
from certificates.models import Certificate, Validity
from progress import ingest
from progress.ingest.averages import mend
from progress.ingest.closing import expire_silent
from progress.ingest.enrolling import Wanted, begin_new_cycle, enroll, enroll_all, set_due, unenroll
from progress.ingest.refold import refold
from progress.jobs import Run
from progress.models import Course, CourseProgress, Enrollment, LearningSession
from progress.operations import locking
from tests.factories import NOON, a_course_of, a_learner, a_session, report

pytestmark = pytest.mark.django_db(transaction=True)

VIDEO = {"content_type": "video", "duration_seconds": 600}
LATER = NOON + timedelta(seconds=1700)
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(DEADLOCKS)
        return cursor.fetchone()[0]


def at_once(calls):
    """Run calls in a thread each, all let go together; answers each result or error."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def errors(results):
    return [result for result in results if isinstance(result, Exception)]


def beats(session, content):
    """Delivers heartbeats one by one, each of which writes content, evidence and course."""

    def deliver():
        for second in range(0, 60, 10):
            event = {"content_id": content.pk, "interaction_type": "progress"}
            event |= {"segments": [[second, second + 10]], "duration_seconds": 10}
            report(session, event, now=LATER)

    return deliver


def test_a_new_cycle_meets_heartbeats_and_everything_else_without_waiting_for_ever():
    course = a_course_of(VIDEO, VIDEO)
    learner = a_learner(course)
    first, second = course.modules.get().contents.order_by("pk")
    before, sessions = deadlocks(), LearningSession.objects.all()
    for _ in range(4):
        current = Enrollment.objects.current().get(user=learner)
        one, two = a_session(course, learner), a_session(course, learner)
        results = at_once(
            [
                beats(one, first),
                beats(two, second),
                lambda: begin_new_cycle(learner.pk, course.pk, now=LATER),
                lambda: enroll(learner.pk, course.pk, now=LATER, due_at=LATER),
                lambda: enroll_all([Wanted(learner.pk, course.pk, LATER)], now=LATER),
                lambda current=current: refold(course, [current.pk], now=LATER),
                lambda two=two: ingest.end(sessions, two.pk, [], sent_ms=None, now=LATER),
                lambda: expire_silent(LATER + timedelta(hours=3)),
                lambda current=current: mend([current.pk]),
                lambda current=current: set_due(current, LATER),
                lambda: ingest.start(user_id=learner.pk, course_id=course.pk, now=LATER),
            ]
        )
        assert errors(results) == []
    assert deadlocks() == before
    cycles = Enrollment.objects.filter(user=learner)
    assert sorted(cycles.values_list("cycle", flat=True)) == [1, 2, 3, 4, 5]
    assert cycles.current().count() == 1


def test_two_new_cycles_at_once_are_two_one_after_the_other():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    results = at_once([lambda: begin_new_cycle(learner.pk, course.pk, now=LATER)] * 6)
    assert errors(results) == []
    rows = Enrollment.objects.filter(user=learner).order_by("cycle")
    assert [row.cycle for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.is_current for row in rows] == [False] * 6 + [True]
    assert CourseProgress.objects.count() == 7


def test_whoever_is_enrolled_by_several_doors_at_once_is_enrolled_once():
    course = a_course_of(VIDEO)
    learners = [a_learner() for _ in range(12)]
    wanted = [Wanted(learner.pk, course.pk) for learner in learners]
    before = deadlocks()
    results = at_once(
        [
            lambda: enroll_all(wanted, now=NOON),
            lambda: enroll_all(wanted[::-1], now=NOON),
            lambda: [enroll(learner.pk, course.pk, now=NOON) for learner in learners],
            lambda: [enroll(learner.pk, course.pk, now=NOON) for learner in learners[::-1]],
        ]
    )
    assert errors(results) == []
    assert Enrollment.objects.count() == CourseProgress.objects.count() == 12
    assert deadlocks() == before


def test_a_renewal_meets_heartbeats_and_begins_once():
    course = a_course_of({**VIDEO, "duration_seconds": 10}, {**VIDEO, "required": False})
    Validity.objects.create(
        course=course, months=1, opens_days=30, renewal=Validity.Renewal.AUTOMATIC
    )
    learner = a_learner(course)
    required, optional = course.modules.get().contents.order_by("pk")
    session, other = a_session(course, learner), a_session(course, learner)
    event = {"content_id": required.pk, "interaction_type": "progress", "segments": [[0, 10]]}
    report(session, event, now=LATER)
    certificate = issue(session.enrollment_id, LATER)
    before = deadlocks()
    soon = LATER + timedelta(days=5)
    results = at_once(
        [
            beats(session, optional),
            beats(other, optional),
            lambda: renewals.renew(certificate.pk, soon),
            lambda: renewals.renew(certificate.pk, soon),
            lambda: renewals.begin_renewals(Run("renewals", soon)),
            lambda: issue_missing(Run("issue", soon)),
        ]
    )
    assert {type(error) for error in errors(results)} <= {renewals.NotRenewable}
    assert Enrollment.objects.filter(user=learner).count() == 2
    assert Certificate.objects.count() == 1
    assert deadlocks() == before


def test_who_leaves_meets_heartbeats():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    session = a_session(course, learner)
    content = course.modules.get().contents.get()
    before = deadlocks()
    results = at_once([beats(session, content), lambda: unenroll(session.enrollment, now=LATER)])
    assert {type(error).__name__ for error in errors(results)} <= {"LearnerNotEnrolled"}
    assert deadlocks() == before


def test_what_two_lock_crosswise_is_tried_again_and_both_succeed():
    """Should an order ever be broken, the database ends one of the two, and it runs again."""
    course = a_course_of(VIDEO)
    rows = [Enrollment.objects.get(user=a_learner(course)).pk for _ in range(2)]
    attempts, meet = itertools.count(), Barrier(2)

    @locking.retried
    def crosswise(first, second):
        is_first_try = next(attempts) < 2
        locking.lock_progress([first])
        if is_first_try:
            meet.wait(5)
        locking.lock_progress([second])
        return "done"

    results = at_once([lambda: crosswise(*rows), lambda: crosswise(*rows[::-1])])
    assert results == ["done", "done"]
    assert next(attempts) >= 3


def test_what_the_database_does_not_call_a_conflict_is_not_tried_again():
    tries = itertools.count(1)

    @locking.retried
    def fails():
        next(tries)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            cursor.execute("SET LOCAL statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(5)")

    began = time.monotonic()
    with pytest.raises(OperationalError):
        fails()
    assert next(tries) == 2
    assert time.monotonic() - began < 4


def test_editing_a_course_keeps_no_learner_waiting():
    course = a_course_of(VIDEO)
    learner = a_learner(course)
    session = a_session(course, learner)
    content = course.modules.get().contents.get()
    locked, done = Barrier(2), Barrier(2)

    def edit():
        with locking.transaction.atomic():
            Course.objects.select_for_update(no_key=True).get(pk=course.pk)
            locked.wait(10)
            done.wait(20)

    def learn():
        locked.wait(10)
        beats(session, content)()
        ingest.start(user_id=learner.pk, course_id=course.pk, now=LATER)
        done.wait(20)

    assert errors(at_once([edit, learn])) == []
