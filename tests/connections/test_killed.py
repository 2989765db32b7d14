"""A worker that is killed while it sends: nothing is lost, the order stays, ids are kept.

The worker, the broker and the receiver are real; what is between them is killed.
"""

import signal
import time
from collections import defaultdict

import pytest
from django.db import connection
from django.utils import timezone

from connections import tasks
from connections.models import Delivery, Event
from connections.webhooks import claiming, endpoints
from progress.operations import broker
from tests.factories import a_course_of, a_user
from tests.support.certificates import completed

from .receiver import answer_with

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 90
VIDEO = {"content_type": "video", "duration_seconds": 10}


def eventually(holds, what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"within {SECONDS} s: {what}"
        time.sleep(0.1)


def database_is_at_rest() -> bool:
    """What a killed process sent last may still be committed, and its lock still be held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle')"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def worker_allowed_here(own_worker):
    own_worker.environment["WEBHOOK_ALLOW_PRIVATE"] = "true"
    own_worker.environment["WEBHOOK_TIMEOUT_SECONDS"] = "5"
    return own_worker


def test_a_worker_killed_while_sending_loses_nothing(worker_allowed_here, receiver):
    worker = worker_allowed_here
    owner = a_user(is_superuser=True)
    values = {"url": receiver.url, "events": ["*"]}
    endpoints.create(owner, values, timezone.now())
    course = a_course_of(VIDEO)
    for _ in range(6):
        completed(None, course)
    expected = Event.objects.count()

    def slowly(handler, request):
        time.sleep(0.2)
        answer_with(204)(handler, request)

    receiver.answer = slowly
    for killed_after in (3, 10):
        worker.start()
        broker.enqueue(tasks.send_webhooks)
        eventually(lambda n=killed_after: len(receiver.received) >= n, "some events have come")
        worker.stop(signal.SIGKILL)
        eventually(database_is_at_rest, "the database has noticed that the worker is gone")
        # A minute later; what the killed worker had claimed is free again.
        Delivery.objects.exclude(claimed_until=None).update(
            claimed_until=timezone.now() - claiming.LEASE
        )
    worker.start()
    broker.enqueue(tasks.send_webhooks)
    sent = Delivery.objects.filter(state=Delivery.State.SENT)
    # Certificates are issued meanwhile, which are events too.
    eventually(lambda: sent.count() == Event.objects.count() >= expected, "everything is sent")
    worker.stop()

    events = {event.public_id: event for event in Event.objects.all()}
    first_arrivals = list(dict.fromkeys(request.id for request in receiver.received))
    assert set(first_arrivals) == set(events)  # nothing lost, and no id of another kind
    assert len(receiver.received) > expected  # what had been sent when it was killed came again
    by_learner = defaultdict(list)
    for public_id in first_arrivals:
        event = events[public_id]
        by_learner[event.user_id].append(event.position)
    assert len(by_learner) == 6
    for positions in by_learner.values():
        assert positions == sorted(positions)
    bodies = defaultdict(set)
    for request in receiver.received:
        bodies[request.id].add(request.body)
    assert all(len(each) == 1 for each in bodies.values())
