"""Which events an endpoint's owner may receive, and what can be sent again."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.events import publishing
from connections.models import Attempt, Delivery, Endpoint, Event
from connections.webhooks import claiming, delivering, endpoints, pruning
from tests.factories import a_course_of, an_instructor, an_integrator
from tests.support.certificates import completed

from .receiver import answer_with

pytestmark = pytest.mark.django_db
VIDEO = {"content_type": "video", "duration_seconds": 10}


def ids(receiver) -> list[str]:
    return [request.id for request in receiver.received]


# --- What an endpoint's owner may see ------------------------------------------------------------
def test_an_instructor_gets_events_about_the_learners_of_own_courses_only(endpoint_for, receiver):
    own, other = a_course_of(VIDEO), a_course_of(VIDEO)
    instructor = an_instructor(own)
    endpoint_for(receiver, by=instructor)
    mine, theirs = completed(None, own), completed(None, other)
    delivering.run()
    enrollments = {request.json["data"].get("enrollment_id") for request in receiver.received}
    assert mine.pk in enrollments
    assert theirs.pk not in enrollments
    users = {request.json["data"]["user_id"] for request in receiver.received}
    assert users == {mine.user_id}


def test_an_owner_who_has_left_the_course_gets_nothing_more(endpoint_for, receiver):
    course = a_course_of(VIDEO)
    instructor = an_instructor(course)
    endpoint_for(receiver, "course.completed", by=instructor)
    completed(None, course)
    publishing.publish_all(timezone.now())
    instructor.courses_taught.clear()
    delivering.run()
    assert receiver.received == []
    assert Delivery.objects.get().last_error == claiming.NOT_VISIBLE


def test_an_owner_who_is_deactivated_gets_nothing_more(endpoint_for, receiver, owner):
    endpoint_for(receiver)
    completed()
    owner.is_active = False
    owner.save()
    assert delivering.run() == 0
    assert receiver.received == []


def test_a_service_account_gets_the_types_that_its_permissions_show(endpoint_for, receiver):
    account = an_integrator("view_enrollment")
    endpoint_for(receiver, by=account)
    completed()
    delivering.run()
    assert [request.json["type"] for request in receiver.received] == ["enrollment.created"]


# --- Ping, replay, send again, prune ----------------------------------------------------------
def test_a_ping_goes_to_one_endpoint_whatever_it_subscribed_to(endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "certificate.revoked")
    endpoint_for(receiver)
    endpoints.ping(endpoint, timezone.now())
    delivering.run()
    [request] = receiver.received
    assert request.json["type"] == "ping"


def test_a_ping_ends_a_pause_and_does_not_pile_up(endpoint_for, receiver):
    endpoint = endpoint_for(receiver)
    receiver.answer = answer_with(500)
    first = endpoints.ping(endpoint, timezone.now())
    delivering.run()
    Endpoint.objects.update(retry_at=timezone.now() + timedelta(hours=1), failures_in_a_row=9)
    assert delivering.run() == 0
    receiver.answer = None
    again = endpoints.ping(endpoint, timezone.now())
    assert again.pk == first.pk
    assert delivering.run() == 1
    assert ids(receiver) == [first.event.public_id] * 2


def test_a_period_is_replayed_under_the_same_ids_with_new_timestamps(
    endpoint_for, receiver, monkeypatch
):
    endpoint = endpoint_for(receiver)
    began = timezone.now()
    completed()
    delivering.run()
    first = ids(receiver)
    real = time.time
    monkeypatch.setattr(delivering.time, "time", lambda: real() + 600)
    now = timezone.now()
    assert endpoints.replay(endpoint, began - timedelta(minutes=1), now, now) == 5
    delivering.run()
    assert ids(receiver) == first * 2
    old, new = receiver.received[0], receiver.received[5]
    assert old.body == new.body
    assert int(new.headers["webhook-timestamp"]) - int(old.headers["webhook-timestamp"]) >= 600
    assert old.headers["webhook-signature"] != new.headers["webhook-signature"]
    assert (
        endpoints.replay(endpoint, began - timedelta(days=2), began - timedelta(days=1), now) == 0
    )


def test_what_is_sent_again_is_tried_again_as_soon_as_at_first(endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    receiver.answer = answer_with(500)
    long_ago = timezone.now() - timedelta(days=4)
    for _ in range(12):
        delivering.run()
        Delivery.objects.update(next_at=timezone.now(), first_try_at=long_ago)
        Endpoint.objects.update(retry_at=None, failures_in_a_row=0)
        Attempt.objects.update(started_at=long_ago)
    failed = Delivery.objects.get()
    assert failed.attempts > 1
    Delivery.objects.update(state=Delivery.State.FAILED, settled_at=timezone.now())
    endpoints.send_again(Delivery.objects.all(), timezone.now())
    endpoints.enable(endpoint.pk)
    delivering.run()
    again = Delivery.objects.get()
    assert again.attempts == failed.attempts + 1
    assert again.next_at - timezone.now() < timedelta(seconds=6)


def test_a_replay_also_sends_what_was_missed(endpoint_for, receiver):
    endpoint = endpoint_for(receiver)
    began = timezone.now()
    endpoints.disable(endpoint.pk, "", began)
    completed()
    delivering.run()
    assert receiver.received == []
    endpoints.enable(endpoint.pk)
    endpoint.refresh_from_db()
    assert endpoints.replay(endpoint, began, timezone.now(), timezone.now()) == 5
    delivering.run()
    assert len(receiver.received) == 5


def test_old_events_are_deleted_with_their_log_and_what_waits_stays(
    endpoint_for, receiver, settings
):
    endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    kept = completed()
    receiver.answer = answer_with(500)
    delivering.run()
    later = timezone.now() + timedelta(days=settings.WEBHOOK_KEPT_DAYS, minutes=1)
    pruning.prune(later)
    assert list(Event.objects.values_list("enrollment_id", flat=True)) == [kept.pk]
    assert Delivery.objects.count() == 1
