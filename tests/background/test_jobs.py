"""Every job leaves a record, sets aside rows that can't be done, and runs once at a time."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, connections
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from progress import tasks
from progress.ingest import closing
from progress.ingest.closing import expire_silent
from progress.jobs import Run, TooManyFail, job, lateness, register
from progress.jobs.run import MAX_SET_ASIDE
from progress.models import CourseProgress, Job, LearningSession, SetAside
from progress.operations.advisory_lock import advisory_lock
from tests.factories import NOON, a_course, a_session, scheduled

pytestmark = pytest.mark.django_db
SWEEP = "progress.tasks.close_idle_sessions"


def silent_sessions(count: int) -> list[LearningSession]:
    """Sessions that began long ago, by the real clock, without any event."""
    course = a_course()
    return [
        a_session(course, now=timezone.now() - timedelta(hours=1, seconds=i)) for i in range(count)
    ]


def broken(session: LearningSession) -> int:
    """Make a session that no sweep can close: its sum is at the column's limit."""
    CourseProgress.objects.filter(pk=session.enrollment_id).update(ended_ms=2**63 - 1)
    session.last_activity_at += timedelta(seconds=10)
    session.save()
    return session.enrollment_id


def test_a_run_records_when_how_long_and_how_many():
    silent_sessions(3)
    tasks.close_idle_sessions()
    record = Job.objects.get(name=SWEEP)
    assert (record.rows, record.runs, record.failures) == (3, 1, 0)
    assert record.started_at <= record.finished_at
    assert record.duration_ms >= 0
    assert record.succeeded_at is not None
    assert not record.is_unfinished


def test_a_second_run_finds_nothing_to_do():
    silent_sessions(2)
    tasks.close_idle_sessions()
    before = list(CourseProgress.objects.order_by("pk").values())
    tasks.close_idle_sessions()
    record = Job.objects.get(name=SWEEP)
    assert (record.rows, record.runs) == (0, 2)
    assert list(CourseProgress.objects.order_by("pk").values()) == before


def test_a_run_during_another_does_nothing():
    silent_sessions(1)
    with advisory_lock(SWEEP) as is_ours:
        assert is_ours
        tasks.close_idle_sessions()
    assert LearningSession.objects.open().count() == 1
    tasks.close_idle_sessions()
    assert not LearningSession.objects.open().exists()


def test_the_lock_ends_with_its_connection():
    holder = connections.create_connection("default")
    holder.set_autocommit(False)
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('alone', 0))")
    with advisory_lock("alone") as is_ours:
        assert not is_ours
    # What a killed process leaves behind: a connection that was closed abruptly.
    holder.connection.close()
    with advisory_lock("alone") as is_ours:
        assert is_ours


def test_a_row_that_cannot_be_done_is_set_aside_and_the_others_are_done():
    sessions = silent_sessions(9)
    poison = broken(sessions[4])
    tasks.close_idle_sessions()
    assert list(LearningSession.objects.open()) == [sessions[4]]
    aside = SetAside.objects.get()
    assert (aside.job, aside.row) == (SWEEP, poison)
    assert "out of range" in aside.error
    record = Job.objects.get(name=SWEEP)
    assert (record.rows, record.failures) == (8, 0)


def test_a_row_set_aside_is_left_out_until_staff_ask_for_another_try(monkeypatch):
    session = silent_sessions(1)[0]
    broken(session)
    tasks.close_idle_sessions()
    tried = []
    really = closing.expire
    monkeypatch.setattr(
        closing, "expire", lambda ids, *, now: tried.append(ids) or really(ids, now=now)
    )
    tasks.close_idle_sessions()
    assert tried == []
    SetAside.objects.all().delete()
    CourseProgress.objects.update(ended_ms=0)
    tasks.close_idle_sessions()
    assert not LearningSession.objects.open().exists()


def test_a_lost_database_sets_no_row_aside():
    def work(_ids):
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.raises(OperationalError):
        Run("tests").take(work, [1, 2, 3])
    assert not SetAside.objects.exists()


def test_a_bug_that_fails_every_row_stops_the_run_before_it_sets_all_aside():
    def work(_ids):
        raise ValueError("always")

    with pytest.raises(TooManyFail):
        Run("tests").take(work, range(10_000))
    assert SetAside.objects.count() == MAX_SET_ASIDE


@pytest.fixture
def failing():
    """A job that fails while the cache says so; its task."""

    @job
    def may_fail(run):
        run.rows = 7
        if cache.get("fail"):
            raise RuntimeError("the disk is full")

    return may_fail


def test_a_failure_is_counted_and_shown_until_a_success(failing):
    cache.set("fail", True)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            failing()
    record = Job.objects.get(name=failing.name)
    assert (record.runs, record.failures, record.failures_in_a_row) == (2, 2, 2)
    assert record.last_error == "RuntimeError: the disk is full"
    assert record.succeeded_at is None
    cache.delete("fail")
    failing()
    record.refresh_from_db()
    assert (record.runs, record.failures, record.failures_in_a_row) == (3, 2, 0)
    assert record.last_error == ""


def test_every_scheduled_task_has_a_row_before_it_ever_ran():
    Job.objects.all().delete()
    register()
    scheduled_tasks = set(PeriodicTask.objects.values_list("task", flat=True))
    assert SWEEP in scheduled_tasks
    assert scheduled_tasks <= set(Job.objects.values_list("name", flat=True))


def test_lateness_is_counted_from_when_the_job_should_have_run():
    scheduled(SWEEP)
    Job.objects.update_or_create(
        name=SWEEP, defaults={"succeeded_at": timezone.now() - timedelta(minutes=31)}
    )
    assert timedelta(minutes=29) < lateness()[SWEEP] < timedelta(minutes=31)
    Job.objects.filter(name=SWEEP).update(succeeded_at=timezone.now())
    assert lateness()[SWEEP] == timedelta()
    PeriodicTask.objects.filter(task=SWEEP).update(enabled=False)
    assert SWEEP not in lateness()


def test_a_sweep_skips_rows_in_use_and_closes_the_rest():
    """Also when the first of its chunks can't be done at all."""
    busy, *others = sorted(silent_sessions(5), key=lambda session: session.last_activity_at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    now = timezone.now()
    SetAside.objects.create(job="expire_silent", row=busy.enrollment_id, set_aside_at=now)
    assert expire_silent(now, chunk=1) == len(others)
    assert list(LearningSession.objects.open()) == [busy]


def test_a_hundred_sessions_cost_as_many_statements_as_one(django_assert_max_num_queries):
    silent_sessions(100)
    with django_assert_max_num_queries(6):
        assert expire_silent(timezone.now()) == 100


def test_an_expired_session_ends_at_its_last_event():
    session = a_session(a_course(), now=NOON)
    LearningSession.objects.update(last_activity_at=NOON + timedelta(seconds=90, microseconds=900))
    expire_silent(NOON + timedelta(hours=1))
    session.refresh_from_db()
    assert session.end_time == NOON + timedelta(seconds=90, microseconds=900)
    progress = CourseProgress.objects.get(pk=session.enrollment_id)
    assert (progress.ended_sessions, progress.ended_ms) == (1, 90_000)
