"""Deliveries that arrive together share a transaction, and none of them notices."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from progress import ingest
from progress.ingest import announcing, recorder
from progress.ingest.checking import check
from progress.ingest.evidence import GENESIS, link
from progress.ingest.recording import InUse, record_together
from progress.models import ContentInteraction, CourseProgress, LearningSession
from tests.factories import NOON, a_course_of, a_learner, a_session, content

pytestmark = pytest.mark.django_db(transaction=True)
VIDEO = {"content_type": "video", "duration_seconds": 600}
LATER = NOON + timedelta(seconds=1700)


@pytest.fixture
def course():
    return a_course_of(VIDEO, VIDEO)


def delivery(course, session, start=0, **more):
    event = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[start, start + 10]],
        "duration_seconds": 10,
        "event_id": str(uuid.uuid4()),
    }
    return ingest.Delivery(
        session.pk, session.user_id, session.enrollment_id, [event | more], None, LATER
    )


def at_once(deliveries):
    """Have them recorded from a thread each; returns receipts and errors."""

    def run(each):
        try:
            return ingest.deliver(each)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deliveries)) as pool:
        return list(pool.map(run, deliveries))


def statuses(results):
    return [outcome.status for receipt in results for outcome in receipt.outcomes]


def assert_chained(enrollment_id):
    head = GENESIS
    rows = ContentInteraction.objects.filter(enrollment=enrollment_id).order_by("chain_index")
    for index, row in enumerate(rows):
        assert row.chain_index == index
        head = link(head, row.record)
        assert bytes(row.chain_hash) == head
    assert bytes(CourseProgress.objects.get(pk=enrollment_id).chain_hash) == head


def test_many_learners_at_once_are_recorded_as_they_would_be_alone(course):
    sessions = [a_session(course) for _ in range(12)]
    results = at_once([delivery(course, each, start) for start in (0, 10, 20) for each in sessions])
    assert statuses(results) == ["accepted"] * 36
    for progress in CourseProgress.objects.all():
        assert progress.chain_length == 3
        assert progress.coverage_spent_ms == 30_000
        assert_chained(progress.pk)
    assert list(check(LATER)) == []


def test_devices_of_one_learner_lose_nothing_to_one_another(course):
    learner = a_learner(course)
    sessions = [a_session(course, learner) for _ in range(4)]
    results = at_once(
        [
            delivery(course, each, 40 * turn + 10 * place)
            for turn in range(5)
            for place, each in enumerate(sessions)
        ]
    )
    assert statuses(results) == ["accepted"] * 20
    progress = CourseProgress.objects.get()
    assert (progress.chain_length, progress.coverage_spent_ms) == (20, 200_000)
    assert_chained(progress.pk)
    assert list(check(LATER)) == []


def test_a_group_takes_two_statements_however_many_learners_it_has(course):
    sessions = [a_session(course) for _ in range(9)]
    record_together([delivery(course, sessions[0])], announcing.announce)  # structure in memory
    group = [delivery(course, each) for each in sessions[1:]]
    with CaptureQueriesContext(connection) as captured:
        results = record_together(group, announcing.announce)
    assert statuses(results) == ["accepted"] * 8
    asked = [query["sql"] for query in captured if "progress_" in query["sql"]]
    assert len(asked) == 2, [sql[:300] for sql in asked]


def test_a_learner_who_is_held_up_keeps_nobody_else_waiting(course):
    held, free = a_session(course), a_session(course)
    is_held, let_go = Event(), Event()

    def hold():
        with transaction.atomic():
            CourseProgress.objects.select_for_update().get(pk=held.enrollment_id)
            is_held.set()
            assert let_go.wait(30)
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert is_held.wait(30)
    try:
        [refused] = record_together([delivery(course, held)], announcing.announce)
        assert isinstance(refused, InUse)
        assert ContentInteraction.objects.count() == 0
        with ThreadPoolExecutor(2) as pool:
            waiting = pool.submit(at_once, [delivery(course, held)])
            assert statuses(at_once([delivery(course, free)])) == ["accepted"]
            assert not waiting.done()
            let_go.set()
            assert statuses(waiting.result(30)) == ["accepted"]
    finally:
        let_go.set()
        holder.join()


def test_what_the_database_refuses_costs_the_others_of_its_group_nothing(course):
    sessions = [a_session(course) for _ in range(6)]
    LearningSession.objects.filter(pk=sessions[2].pk).update(distractions=2**31 - 2)
    results = at_once([delivery(course, each, distractions=5) for each in sessions])
    assert isinstance(results.pop(2), DataError)
    assert statuses(results) == ["accepted"] * 5
    assert ContentInteraction.objects.count() == 5
    assert list(check(LATER)) == []


def test_unknown_sessions_and_learners_who_left_are_refused_one_by_one(course):
    known, gone = a_session(course), a_session(course)
    gone.user.is_active = False
    gone.user.save()
    unknown = ingest.Delivery(uuid.uuid4(), known.user_id, known.enrollment_id, [], None, LATER)
    anothers = ingest.Delivery(known.pk, gone.user_id, known.enrollment_id, [], None, LATER)
    results = at_once([unknown, delivery(course, gone), anothers, delivery(course, known)])
    assert [type(each) for each in results] == [
        ingest.SessionUnknown,
        ingest.LearnerInactive,
        ingest.SessionUnknown,
        ingest.Receipt,
    ]


def test_a_connection_that_breaks_is_replaced(course):
    session = a_session(course)
    for start in (0, 10):
        assert statuses(at_once([delivery(course, session, start)])) == ["accepted"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    assert statuses(at_once([delivery(course, session, 20)])) == ["accepted"]
    assert CourseProgress.objects.get().chain_length == 3


def test_within_a_transaction_of_the_caller_it_is_recorded_there(course):
    session = a_session(course)
    with pytest.raises(KeyError), transaction.atomic():
        assert ingest.deliver(delivery(course, session)).outcomes[0].status == "accepted"
        raise KeyError
    assert ContentInteraction.objects.count() == 0


def test_too_many_that_wait_are_refused_and_not_kept_waiting(course, monkeypatch):
    monkeypatch.setattr(recorder, "MAX_WAITING", 0)
    with pytest.raises(recorder.Overloaded):
        ingest.deliver(delivery(course, a_session(course)))


def fails_once(function, error):
    """The function, which fails the first time."""
    errors = [error]

    def failing(*args, **kwargs):
        if errors:
            raise errors.pop()
        return function(*args, **kwargs)

    return failing


@pytest.mark.parametrize("error", [MemoryError, SystemExit])
@pytest.mark.parametrize("place", ["_next_group", "_check_connection"])
def test_a_thread_that_fails_goes_on(course, monkeypatch, place, error):
    session = a_session(course)
    recorder.stop()
    failing = fails_once(getattr(recorder.Recorder, place), error)
    monkeypatch.setattr(recorder.Recorder, place, failing)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(at_once, [delivery(course, session)])
        assert statuses(first.result(30)) == ["accepted"]
    assert statuses(at_once([delivery(course, session, 10)])) == ["accepted"]


def test_a_thread_that_has_ended_is_replaced(course):
    session = a_session(course)
    assert statuses(at_once([delivery(course, session)])) == ["accepted"]
    recorder._recorder._queue.put(None)
    recorder._recorder._thread.join(30)
    assert statuses(at_once([delivery(course, session, 10)])) == ["accepted"]


@pytest.mark.parametrize("place", ["_add_waiting", "announce"])
def test_what_comes_after_a_failure_is_announced(course, monkeypatch, place):
    session = a_session(course)
    announcing.stop()
    owner = announcing.Announcer if place == "_add_waiting" else announcing
    monkeypatch.setattr(owner, place, fails_once(getattr(owner, place), SystemExit))
    is_announced = Event()
    monkeypatch.setattr(announcing.live, "push_all", lambda pushes: is_announced.set())
    at_once([delivery(course, session)])
    at_once([delivery(course, session, 10)])
    assert is_announced.wait(30)
