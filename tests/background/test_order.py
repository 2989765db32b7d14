"""Scheduled jobs don't wait for the files of thousands of certificates."""

import uuid

import pytest
from django.conf import settings
from kombu import Connection

from analytics.tasks import fold_rollups, watch_alerts
from certificates.tasks import render_certificate, seal_evidence
from lms_progress.broker_url import celery_url


@pytest.fixture
def waiting():
    """A connection to the real broker, and what it delivers to a worker, in order."""
    options = {"global_keyprefix": f"test-{uuid.uuid4()}-"}
    with Connection(celery_url(settings.REDIS_URL), transport_options=options) as connection:
        queue = connection.SimpleQueue("celery")

        def delivered(count: int) -> list[str]:
            messages = [queue.get(timeout=5) for _ in range(count)]
            for message in messages:
                message.ack()
            return [message.headers["task"].rpartition(".")[2] for message in messages]

        yield connection, delivered
        queue.clear()
        queue.close()


def test_jobs_are_done_before_the_files_that_wait(waiting):
    connection, delivered = waiting
    for number in range(3):
        render_certificate.apply_async((number,), connection=connection)
        seal_evidence.apply_async((number,), connection=connection)
    fold_rollups.apply_async(connection=connection)
    watch_alerts.apply_async(connection=connection)
    names = delivered(8)
    assert names[:2] == ["fold_rollups", "watch_alerts"]
    assert names[2:] == ["render_certificate", "seal_evidence"] * 3
