"""Crashes and outages: in the end there is one certificate, one file and one sealed packet.

Everything is real here: a site, workers, and a broker of the test's own that may lose all it has.
"""

import json
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from urllib.request import Request, urlopen

import pytest
import redis
from celery import current_app
from django.db import connection, connections
from django.utils import timezone

from certificates import tasks
from certificates.models import Certificate, Packet, Rendition
from lms_progress.broker_url import celery_url
from lms_progress.embedded.state import State
from lms_progress.embedded.valkey import Valkey
from progress import tasks as progress_tasks
from progress.models import CourseProgress, OutboxMessage
from progress.operations import outbox
from progress.security.tokens import SessionClaims, issue_session_token
from tests.conftest import Worker
from tests.factories import a_course_of, a_learner, a_session
from tests.support.evidence import unpacked, verify

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 60
WALK = {"content_type": "embed", "completion_source": "reported"}
SWEEPS = [
    progress_tasks.send_outbox,
    tasks.issue_missing,
    tasks.render_missing,
    tasks.seal_missing,
]


class Broker:
    """A Valkey that keeps its queues in memory only: killed, it has lost them."""

    def __init__(self, folder):
        state = State(folder)
        state.make()
        self._server = Valkey(state, fast=True)
        self.url = self._server.url

    def start(self):
        self._process = self._server.start()
        eventually(self._server.is_ready, "the broker answers")

    def kill(self):
        self._process.kill()
        self._process.wait()

    def send(self, task, *args):
        """Enqueues the task as beat or a web process does."""
        with current_app.connection_for_write(celery_url(self.url)) as opened:
            task.apply_async(args, connection=opened)

    def is_idle(self):
        """Whether every task was taken and finished."""
        with redis.Redis.from_url(self.url) as client:
            return not (client.llen(current_app.conf.task_default_queue) or client.hlen("unacked"))

    def forget_taken(self):
        """What a killed worker had taken would come again in an hour: that is done by hand."""
        with redis.Redis.from_url(self.url) as client:
            client.delete("unacked", "unacked_index")


@pytest.fixture
def broker(own_site, own_worker, tmp_path):
    """The one that `own_site` and `own_worker` use; running, as the site is."""
    running = Broker(tmp_path / "broker")
    running.start()
    own_site.environment["REDIS_URL"] = own_worker.environment["REDIS_URL"] = running.url
    own_site.start()
    yield running
    running.kill()


def eventually(condition, what):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}"
        time.sleep(0.02)


def sessions_of_one(course, devices=1):
    learner = a_learner(course)
    return [a_session(course, learner, now=timezone.now()) for _ in range(devices)]


def finish(site, session, content):
    """Reports a content as complete over HTTP; returns the answer."""
    event = {
        "session_id": str(session.session_id),
        "content_id": content.pk,
        "interaction_type": "complete",
        "completion_percentage": 100,
        "event_id": str(uuid.uuid4()),
    }
    claims = SessionClaims(
        session.session_id, session.user_id, session.enrollment.course_id, session.enrollment_id
    )
    token = f"Session {issue_session_token(claims)}"
    headers = {"Content-Type": "application/json", "Authorization": token}
    address = f"{site.url}/api/employee/update_progress"
    with urlopen(Request(address, json.dumps(event).encode(), headers), timeout=30) as answer:
        return json.load(answer)


@contextmanager
def held(table):
    """Locks the table, so that writers wait at their last step."""
    holder = connections.create_connection("default")
    holder.set_autocommit(False)
    try:
        with holder.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    finally:
        holder.rollback()
        holder.close()


def writers(table, *, waiting):
    """How many sessions hold or wait for the right to write to the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass"
            " AND mode = 'RowExclusiveLock' AND granted <> %s",
            [table, waiting],
        )
        return cursor.fetchone()[0]


def sweep(broker):
    for task in SWEEPS:
        broker.send(task)


def check_there_is_one_of_each(broker, tmp_path):
    """Sends what is due to be sent again."""
    eventually(lambda: Packet.objects.exists() and Rendition.objects.exists(), "file and packet")
    certificate = Certificate.objects.get()
    broker.send(outbox.send_messages, list(OutboxMessage.objects.values_list("pk")[0]))
    broker.send(tasks.render_certificate, certificate.pk)
    broker.send(tasks.seal_evidence, certificate.pk)
    sweep(broker)
    eventually(broker.is_idle, "every task is done")
    assert Certificate.objects.get() == certificate
    assert (Rendition.objects.count(), Packet.objects.count()) == (1, 1)
    assert OutboxMessage.objects.get().sent_at is not None
    assert certificate.completed_at == CourseProgress.objects.get().completed_at
    code, output = verify(unpacked(certificate, tmp_path / "packet"))
    assert code == 0, output


@pytest.mark.parametrize(
    "table", ["certificates_certificate", "certificates_rendition", "certificates_packet"]
)
def test_a_worker_killed_at_its_last_step(table, broker, own_site, own_worker, tmp_path):
    course = a_course_of(WALK)
    (session,) = sessions_of_one(course)
    own_worker.start()
    with held(table):
        answer = finish(own_site, session, course.modules.get().contents.get())
        assert answer["course"]["is_complete"]
        eventually(lambda: writers(table, waiting=True), f"the worker writes to {table}")
        own_worker.stop(signal.SIGKILL)
    eventually(lambda: not writers(table, waiting=False), "the database hears of it")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (0,)
    broker.forget_taken()
    own_worker.start()
    sweep(broker)
    check_there_is_one_of_each(broker, tmp_path)


def test_a_broker_that_was_away_at_the_completion(broker, own_site, own_worker, tmp_path):
    course = a_course_of(WALK)
    (session,) = sessions_of_one(course)
    own_worker.start()
    broker.kill()
    answer = finish(own_site, session, course.modules.get().contents.get())
    assert answer["course"]["is_complete"]
    assert answer["certificate"] is None
    broker.start()
    sweep(broker)
    check_there_is_one_of_each(broker, tmp_path)
    assert own_worker.process.poll() is None


def test_a_broker_that_loses_its_queue(broker, own_site, own_worker, tmp_path):
    course = a_course_of(WALK)
    (session,) = sessions_of_one(course)
    finish(own_site, session, course.modules.get().contents.get())
    eventually(lambda: not broker.is_idle(), "the tasks of the completion are queued")
    broker.kill()
    broker.start()
    assert broker.is_idle()
    own_worker.start()
    sweep(broker)
    check_there_is_one_of_each(broker, tmp_path)


def test_twenty_final_events_race_with_two_workers_and_the_sweeps(
    broker, own_site, own_worker, tmp_path
):
    course = a_course_of(*[WALK] * 20)
    contents = course.modules.get().contents.all()
    sessions = sessions_of_one(course, devices=20)
    second = Worker(own_worker.environment, tmp_path / "second.log")
    own_worker.start()
    second.start()
    gate = Barrier(20)

    def race(session, content):
        gate.wait()
        answer = finish(own_site, session, content)
        sweep(broker)
        return answer["course"]["is_complete"]

    try:
        with ThreadPoolExecutor(20) as pool:
            assert any(pool.map(race, sessions, contents))
        check_there_is_one_of_each(broker, tmp_path)
    finally:
        second.stop()
