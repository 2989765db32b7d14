"""Events arrive at least once and in order for each learner, and no endpoint harms another."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.core import mail
from django.utils import timezone

from connections.events import publishing
from connections.models import Attempt, Delivery, Endpoint
from connections.webhooks import claiming, delivering, endpoints, retrying
from progress.mail import outgoing
from tests.factories import a_course_of, a_learner
from tests.support.certificates import completed

from .receiver import Receiver, answer_with

pytestmark = pytest.mark.django_db
VIDEO = {"content_type": "video", "duration_seconds": 10}
State = Delivery.State


def enrolled_learner():
    return a_learner(a_course_of(VIDEO))


def make_due() -> None:
    """As if every wait were over."""
    now = timezone.now()
    Delivery.objects.waiting().update(next_at=now)
    Endpoint.objects.update(retry_at=None)


def ids(receiver) -> list[str]:
    return [request.id for request in receiver.received]


def test_each_event_arrives_once_in_order(endpoint_for, receiver):
    endpoint_for(receiver)
    completed()
    assert delivering.run() == 5
    types = [request.json["type"] for request in receiver.received]
    assert types == [
        "learner.created",
        "enrollment.created",
        "content.completed",
        "module.completed",
        "course.completed",
    ]
    assert delivering.run() == 0


def test_an_endpoint_gets_only_what_it_subscribed_to(endpoint_for, receiver):
    endpoint_for(receiver, "course.completed", "enrollment.created")
    completed()
    delivering.run()
    types = [request.json["type"] for request in receiver.received]
    assert types == ["enrollment.created", "course.completed"]


def test_an_endpoint_gets_nothing_from_before_it_was_created(endpoint_for, receiver):
    completed()
    endpoint_for(receiver)
    assert delivering.run() == 0


def test_a_thin_payload_has_ids_only(endpoint_for, receiver):
    endpoint_for(receiver, "course.completed", payload="thin")
    enrollment = completed(a_learner(full_name="Lena Zweifel", email="lena@example.org"))
    delivering.run()
    [request] = receiver.received
    assert request.json["data"] == {
        "event_id": request.id,
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "enrollment_id": enrollment.pk,
    }


@pytest.mark.parametrize("payload", ["slack", "teams"])
def test_a_chat_gets_a_sentence_that_no_name_can_misuse(endpoint_for, receiver, payload):
    endpoint_for(receiver, "course.completed", payload=payload)
    completed(a_learner(full_name="<!channel> [x](http://evil.example)"))
    delivering.run()
    [request] = receiver.received
    if payload == "slack":
        assert request.json == {
            "text": "&lt;!channel&gt; [x](http://evil.example) completed Fire safety."
        }
    else:
        [card] = request.json["attachments"]
        assert request.json["type"] == "message"
        assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
        [block] = card["content"]["body"]
        assert block["text"].startswith("<!channel> \\[x\\](http://evil.example) completed")


# --- Trying again --------------------------------------------------------------------------------
def test_a_failed_delivery_is_sent_again_with_the_same_id_and_body(endpoint_for, receiver):
    endpoint_for(receiver, "course.completed")
    completed()
    receiver.answer = answer_with(500, b"broken")
    delivering.run()
    [delivery] = Delivery.objects.all()
    assert (delivery.state, delivery.last_status) == (State.WAITING, 500)
    assert timedelta(seconds=3) < delivery.next_at - timezone.now() < timedelta(seconds=6)
    receiver.answer = None
    assert delivering.run() == 0  # not yet
    make_due()
    delivering.run()
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.SENT, 2)
    tries = list(delivery.tries.values_list("number", "status", "answer"))
    assert tries == [(1, 500, "broken"), (2, 204, "")]


def test_later_events_of_a_learner_wait_and_those_of_others_do_not(endpoint_for, receiver):
    endpoint_for(receiver, "enrollment.created")
    first = enrolled_learner()
    from progress.ingest import enrolling

    enrolling.enroll(first.pk, a_course_of(VIDEO).pk, now=timezone.now())
    second = enrolled_learner()

    def fail_the_first(handler, request):
        fails = request.json["data"]["user_id"] == first.pk
        answer_with(500 if fails else 204)(handler, request)

    receiver.answer = fail_the_first
    delivering.run()
    seen = [request.json["data"]["user_id"] for request in receiver.received]
    assert sorted(seen) == sorted([first.pk, second.pk])
    receiver.answer = None
    make_due()
    delivering.run()
    of_first = [r for r in receiver.received if r.json["data"]["user_id"] == first.pk]
    assert len(of_first) == 3
    assert of_first[0].id == of_first[1].id
    assert [r.json["data"]["enrollment_id"] for r in of_first] == sorted(
        r.json["data"]["enrollment_id"] for r in of_first
    )


def test_retry_after_is_respected(endpoint_for, receiver):
    endpoint_for(receiver, "course.completed")
    completed()
    receiver.answer = answer_with(429, Retry_After="1800")
    delivering.run()
    wait = Delivery.objects.get().next_at - timezone.now()
    assert timedelta(minutes=29) < wait < timedelta(minutes=31)


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        (lambda now: format_datetime(now + timedelta(minutes=30), usegmt=True), 30),
        (lambda now: format_datetime(now + timedelta(days=2), usegmt=True), 60),
        (lambda now: f"{now + timedelta(minutes=30):%A, %d-%b-%y %H:%M:%S GMT}", 30),
        (lambda now: format_datetime(now - timedelta(days=1), usegmt=True), 0),
        (lambda now: "soon", 0),
        (lambda now: "Fri, 31 Feb 2026 12:00:00 GMT", 0),
    ],
)
def test_retry_after_may_be_a_date(asked, minutes, endpoint_for, receiver):
    endpoint_for(receiver, "course.completed")
    completed()
    receiver.answer = answer_with(503, Retry_After=asked(datetime.now(UTC)))
    delivering.run()
    wait = Delivery.objects.get().next_at - timezone.now()
    assert timedelta(minutes=minutes - 1) < wait < timedelta(minutes=minutes + 1)


def test_waits_grow_over_three_days_and_then_end():
    first = now = timezone.now()
    attempts, waits = 0, []
    while True:
        attempts += 1
        after = retrying.next_try(attempts, first, now)
        if after is None:
            break
        waits.append(after - now)
        now = after
    assert now - first == timedelta(days=3)
    assert waits[0] == timedelta(seconds=5)
    assert waits[:-1] == sorted(waits[:-1])
    assert 10 <= attempts <= 20
    assert retrying.next_try(1, first, first, 10**8) == first + timedelta(hours=1)


def test_an_endpoint_that_fails_for_three_days_is_disabled_and_its_owner_is_mailed(
    endpoint_for, receiver, owner
):
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    receiver.answer = answer_with(500)
    delivering.run()
    long_ago = timezone.now() - timedelta(days=3)
    Endpoint.objects.update(failing_since=long_ago)
    Delivery.objects.update(first_try_at=long_ago)
    make_due()
    delivering.run()
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert "three days" in endpoint.disabled_reason
    assert Delivery.objects.get().state == State.FAILED
    outgoing.send_due(timezone.now())
    [sent] = mail.outbox
    assert sent.to == [owner.email]
    assert receiver.url in sent.body
    completed()
    assert delivering.run() == 0


def test_one_event_that_is_always_refused_does_not_disable_the_endpoint(endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "enrollment.created")
    poison, other = enrolled_learner(), enrolled_learner()

    def refuse(handler, request):
        fails = request.json["data"]["user_id"] == poison.pk
        answer_with(400 if fails else 204)(handler, request)

    receiver.answer = refuse
    delivering.run()
    Delivery.objects.filter(user_id=poison.pk).update(
        first_try_at=timezone.now() - timedelta(days=3)
    )
    make_due()
    delivering.run()
    endpoint.refresh_from_db()
    assert endpoint.is_enabled
    assert Delivery.objects.get(user_id=poison.pk).state == State.FAILED
    assert Delivery.objects.get(user_id=other.pk).state == State.SENT


def test_an_endpoint_that_is_gone_is_disabled_at_once(endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    receiver.answer = answer_with(410)
    delivering.run()
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled


def test_a_failing_endpoint_gets_one_try_at_a_time_and_all_that_waits_once_it_works(
    endpoint_for, receiver
):
    endpoint = endpoint_for(receiver, "enrollment.created")
    for _ in range(6):
        enrolled_learner()
    receiver.answer = answer_with(503)
    for _ in range(3):
        make_due()
        delivering.run()
    endpoint.refresh_from_db()
    assert endpoint.retry_at > timezone.now()
    before = len(receiver.received)
    assert delivering.run() == 0
    receiver.answer = None
    Endpoint.objects.update(retry_at=None)
    Delivery.objects.filter(pk=Delivery.objects.first().pk).update(next_at=timezone.now())
    delivering.run()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    assert len(receiver.received) == before + 6
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_operators_see_what_waits_and_which_endpoints_fail(endpoint_for, receiver):
    from lms_progress.metrics import _webhooks

    def shown() -> dict:
        found = {}
        for metric in _webhooks(timezone.now()):
            for sample in metric.samples:
                found[sample.name, *sample.labels.values()] = sample.value
        return found

    endpoint_for(receiver, "course.completed")
    stopped = endpoint_for(receiver, "course.completed")
    endpoints.disable(stopped.pk, "", timezone.now())
    completed()
    assert shown()["lms_webhook_endpoints", "working"] == 1
    assert 0 < shown()["lms_events_age_seconds",] < 60
    receiver.answer = answer_with(500)
    delivering.run()
    found = shown()
    assert found["lms_webhook_endpoints", "failing"] == 1
    assert found["lms_webhook_endpoints", "disabled"] == 1
    assert found["lms_webhook_deliveries_waiting",] == 1
    assert found["lms_events_age_seconds",] == 0


def test_what_cannot_be_sent_yet_hides_nothing_behind_it(endpoint_for, receiver, monkeypatch):
    monkeypatch.setattr(claiming, "PAGE", 2)
    endpoint = endpoint_for(receiver, "enrollment.created")
    from progress.ingest import enrolling

    blocked = enrolled_learner()
    for _ in range(5):
        enrolling.enroll(blocked.pk, a_course_of(VIDEO).pk, now=timezone.now())
    free = enrolled_learner()
    now = timezone.now()
    publishing.publish_all(now)
    first = Delivery.objects.filter(user_id=blocked.pk).earliest("position")
    Delivery.objects.filter(pk=first.pk).update(next_at=now + timedelta(hours=1))
    [claimed] = claiming.claim(endpoint, now, limit=4)
    assert Delivery.objects.get(pk=claimed.delivery_id).user_id == free.pk


# --- Endpoints that misbehave --------------------------------------------------------------------
@pytest.mark.parametrize(
    "how",
    ["hang", "redirect", "trickle_body", "trickle_headers", "endless_headers", "garbage"],
)
def test_an_endpoint_that_misbehaves_holds_up_nobody_else(endpoint_for, receiver, how):
    bad = Receiver()
    bad.start()
    bad.answer = getattr(bad, how)
    endpoint_for(bad, "enrollment.created")
    endpoint_for(receiver, "enrollment.created")
    for _ in range(5):
        enrolled_learner()
    runner_ends = time.monotonic() + 30
    delivering.run(seconds=3)
    bad.stop()
    assert time.monotonic() < runner_ends
    assert len(receiver.received) == 5
    good = Delivery.objects.filter(endpoint__url=receiver.url)
    assert set(good.values_list("state", flat=True)) == {State.SENT}
    wrong = Delivery.objects.filter(endpoint__url=bad.url)
    assert set(wrong.values_list("state", flat=True)) == {State.WAITING}
    assert all(wrong.filter(attempts__gt=0).values_list("last_error", flat=True))


def test_the_others_are_served_while_one_hangs(endpoint_for, receiver, settings):
    settings.WEBHOOK_TIMEOUT_SECONDS = 5
    bad = Receiver()
    bad.start()
    bad.answer = bad.hang
    endpoint_for(bad, "enrollment.created")
    endpoint_for(receiver, "enrollment.created")
    for _ in range(3):
        enrolled_learner()
    began = time.monotonic()
    threading.Timer(4, bad.stop).start()
    delivering.run(seconds=1)
    assert len(receiver.received) == 3
    assert max(request.at for request in receiver.received) - began < 3


def test_an_endpoint_that_streams_for_ever_has_received_its_event(endpoint_for, receiver):
    receiver.answer = receiver.stream_for_ever
    endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    assert Delivery.objects.get().state == State.SENT
    assert len(Attempt.objects.get().answer) <= 16_384


def test_many_endpoints_that_hang_leave_room_for_the_others(endpoint_for, receiver, monkeypatch):
    monkeypatch.setattr(delivering, "THREADS", 4)
    monkeypatch.setattr(delivering, "FOR_FAILING", 2)
    bad = Receiver()
    bad.start()
    bad.answer = bad.hang
    for _ in range(8):
        endpoint_for(bad, "enrollment.created")
    Endpoint.objects.update(failures_in_a_row=1, failing_since=timezone.now())
    endpoint_for(receiver, "enrollment.created")
    enrolled_learner()
    began = time.monotonic()
    delivering.run(seconds=1)
    bad.stop()
    assert receiver.received[0].at - began < 1


def test_every_endpoint_gets_its_turn_however_much_the_first_ones_have(
    endpoint_for, receiver, monkeypatch
):
    monkeypatch.setattr(delivering, "THREADS", 2)
    monkeypatch.setattr(delivering, "PER_ENDPOINT", 2)
    busy, last = endpoint_for(receiver), Receiver()
    last.start()
    endpoint_for(last, "course.completed")
    for _ in range(4):
        completed()
    delivering.run()
    last.stop()
    before = [request for request in receiver.received if request.at < last.received[0].at]
    assert len(before) < Delivery.objects.filter(endpoint=busy).count() / 2
