"""What must leave is sent once, later and later after failures, and never lost or stuck."""

from datetime import timedelta

import pytest

from progress import signals, tasks
from progress.models import OutboxMessage
from progress.operations import broker, outbox
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What a receiver heard, in order. `heard.fails` makes it fail."""

    class Heard(list):
        fails = False

    heard = Heard()

    def receiver(sender, enrollment_id, **_):
        if heard.fails:
            raise RuntimeError("the other side is down")
        heard.append(enrollment_id)

    signals.course_completed.connect(receiver)
    yield heard
    signals.course_completed.disconnect(receiver)


def messages(count: int = 1, kind: str = "course_completed") -> list[OutboxMessage]:
    return [
        OutboxMessage.objects.create(
            kind=kind, key=str(number), payload={"enrollment_id": number}, created_at=NOON
        )
        for number in range(count)
    ]


def test_the_sweep_sends_what_a_lost_broker_left(heard, monkeypatch):
    waiting = messages(3)

    class Away:
        def apply_async(self, *args, **kwargs):
            raise broker.OperationalError("no broker")

    monkeypatch.setattr(outbox, "send_messages", Away())
    # One of its own: the process's would stay open for the next tests.
    monkeypatch.setattr(broker, "_tasks", broker.Breaker("tests"))
    outbox.send_soon([message.pk for message in waiting])
    assert heard == []
    # An hour later it is back.
    tasks.send_outbox()
    tasks.send_outbox()
    assert heard == [0, 1, 2]
    assert not OutboxMessage.objects.waiting().exists()


def test_one_sweep_sends_more_than_a_chunk(heard):
    messages(outbox.CHUNK + 1)
    assert outbox.send_unsent(NOON, limit=10_000) == outbox.CHUNK + 1
    assert len(heard) == outbox.CHUNK + 1


def test_a_failure_is_recorded_and_tried_again_at_growing_intervals(heard):
    heard.fails = True
    (message,) = messages()
    waits, now = [], NOON
    for _ in range(8):
        assert outbox.send_unsent(now, limit=10) == 0
        message.refresh_from_db()
        waits.append((message.retry_at - now).total_seconds() / 60)
        assert outbox.send_unsent(message.retry_at - timedelta(seconds=1), limit=10) == 0
        now = message.retry_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert message.attempts == 8
    assert "the other side is down" in message.last_error
    heard.fails = False
    assert outbox.send_unsent(now, limit=10) == 1
    message.refresh_from_db()
    assert (message.sent_at, message.last_error) == (now, "")


def test_what_fails_for_hours_is_set_aside_until_staff_send_it_again(heard):
    heard.fails = True
    (message,) = messages()
    now = NOON
    for _ in range(OutboxMessage.MAX_ATTEMPTS):
        outbox.send_unsent(now, limit=10)
        message.refresh_from_db()
        now = message.retry_at
    assert now - NOON > timedelta(hours=6)
    assert message.set_aside_at is not None
    heard.fails = False
    assert outbox.send_unsent(now + timedelta(days=1), limit=10) == 0
    assert outbox.send_again(OutboxMessage.objects.all(), now) == 1
    assert outbox.send_unsent(now, limit=10) == 1
    assert heard == [0]


def test_a_message_that_fails_holds_up_no_other(heard):
    unknown, *known = [*messages(1, kind="nobody_sends_this"), *messages(2)]
    assert outbox.send_unsent(NOON, limit=10) == len(known)
    unknown.refresh_from_db()
    assert "nobody_sends_this" in unknown.last_error


def test_a_message_sent_twice_at_once_is_received_once(heard):
    (message,) = messages()
    assert outbox.send([message.pk, message.pk]) == 1
    assert heard == [0]
