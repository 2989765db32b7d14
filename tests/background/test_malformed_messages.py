"""A worker survives any message in its queue, and continues with the next task."""

import base64
import json
import os
import time

import pytest
import redis
from celery import current_app

from lms_progress import tolerant_redis
from lms_progress.tolerant_redis import SET_ASIDE
from progress import tasks
from progress.models import OutboxMessage
from tests.factories import NOON

WHOLE = {
    "body": base64.b64encode(b"[[], {}, {}]").decode(),
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": {"task": "progress.tasks.send_outbox", "id": "1"},
    "properties": {
        "delivery_info": {"exchange": "", "routing_key": "celery"},
        "delivery_tag": "00000000-0000-0000-0000-000000000001",
        "body_encoding": "base64",
    },
}


def changed(**values) -> bytes:
    return json.dumps(WHOLE | values).encode()


UNREADABLE = [
    b"\xff\xfe not json",
    b"",
    b"[1, 2]",
    b'"text"',
    b"null",
    b"{}",
    b'{"a": 1' + b"0" * 10_000 + b"}",
    b"[" * 50_000,
    changed(properties={}),
    changed(properties=None),
    changed(properties=WHOLE["properties"] | {"body_encoding": "rot13"}),
    changed(body=5),
]
# A message, but not one that this worker can do.
REFUSED = [
    changed(headers=None),
    changed(headers=[1]),
    changed(properties=WHOLE["properties"] | {"delivery_tag": 7}),
    changed(body="!!! no base64"),
    changed(headers={}),
    changed(headers={"task": "no.such.task", "id": "2"}),
    changed(headers={"task": 5, "id": [], "eta": "never"}),
    changed(**{"content-type": "application/x-python-serialize"}),
    changed(properties=WHOLE["properties"] | {"priority": "high"}),
]


@pytest.fixture
def broker():
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        yield client


@pytest.fixture
def goes_on(own_worker):
    """Whether the one worker that was started still does a task."""
    own_worker.start()

    def goes_on() -> bool:
        message = OutboxMessage.objects.create(
            kind="course_completed", key="1", payload={"enrollment_id": 1}, created_at=NOON
        )
        tasks.send_outbox.delay()
        deadline = time.monotonic() + 30
        while OutboxMessage.objects.waiting().filter(pk=message.pk).exists():
            if own_worker.process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    return goes_on


def test_unreadable_messages_are_set_aside_and_work_goes_on(broker, goes_on):
    for message in UNREADABLE:
        broker.lpush("celery", message)
    assert goes_on()
    assert broker.llen(SET_ASIDE) == len(UNREADABLE)
    assert UNREADABLE[2] in broker.lrange(SET_ASIDE, 0, -1)


def test_unknown_tasks_stop_nothing(broker, goes_on):
    for message in REFUSED:
        broker.lpush("celery", message)
    assert goes_on()


def test_a_malformed_unacknowledged_message_stops_nothing(broker, goes_on):
    # Longer ago than the visibility timeout: each worker would take it up again at once.
    broker.hset("unacked", "tag", b"\xff no json")
    broker.hset("unacked", "other", b"7")
    broker.zadd("unacked_index", {"tag": 1, "other": 1})
    assert goes_on()
    deadline = time.monotonic() + 30
    while broker.hlen("unacked") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert broker.hlen("unacked") == broker.zcard("unacked_index") == 0


def test_a_message_is_read_once(monkeypatch):
    read, build = [], tolerant_redis.Message.__init__

    def counted(message, *args, **kwargs):
        read.append(message)
        build(message, *args, **kwargs)

    monkeypatch.setattr(tolerant_redis.Message, "__init__", counted)
    with current_app.connection_for_read() as connection:
        queue = connection.SimpleQueue("read-once")
        queue.put({"number": 1})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.payload == {"number": 1}
    assert len(read) == 1


def test_messages_set_aside_do_not_pile_up(broker, goes_on):
    for number in range(150):
        broker.lpush("celery", f"{number} is no message")
    assert goes_on()
    assert broker.llen(SET_ASIDE) == 100
