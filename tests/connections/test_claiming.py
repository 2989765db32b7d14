"""Deliveries are claimed, settled and given back, by processes that die or meet."""

import itertools
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.events import publishing
from connections.models import Attempt, Delivery
from connections.webhooks import claiming, delivering
from connections.webhooks.sending import SendResult
from tests.factories import a_course_of, a_learner
from tests.support.certificates import completed

from .receiver import answer_with

pytestmark = pytest.mark.django_db
VIDEO = {"content_type": "video", "duration_seconds": 10}
State = Delivery.State


def enrolled_learner():
    return a_learner(a_course_of(VIDEO))


def test_what_a_killed_process_had_claimed_is_sent_again_in_order(endpoint_for, receiver):
    endpoint = endpoint_for(receiver)
    completed()
    now = timezone.now()
    publishing.publish_all(now)
    [claimed] = claiming.claim(endpoint, now, limit=4)
    # Its process is gone. Until the claim expires nothing of this learner is sent.
    assert claiming.claim(endpoint, now, limit=4) == []
    [again] = claiming.claim(endpoint, now + claiming.LEASE, limit=4)
    assert again.message_id == claimed.message_id
    assert Attempt.objects.get().error == claiming.INTERRUPTED


def test_an_endpoint_that_begins_to_fail_is_tried_no_more_with_what_was_claimed(
    endpoint_for, receiver
):
    answers = itertools.count()

    def fail_from_the_third(handler, request):
        answer_with(204 if next(answers) < 2 else 500)(handler, request)

    receiver.answer = fail_from_the_third
    endpoint_for(receiver, "enrollment.created")
    for _ in range(20):
        enrolled_learner()
    delivering.run(seconds=5)
    tried = len(receiver.received)
    assert tried < 20
    waiting = Delivery.objects.waiting()
    assert waiting.count() == 18
    assert waiting.filter(claimed_until=None).count() == 18
    assert waiting.filter(attempts=0).count() == 20 - tried
    assert waiting.filter(tries=None).count() == 20 - tried


def test_a_run_that_ends_gives_back_what_it_did_not_begin(endpoint_for, receiver):
    receiver.answer = lambda handler, request: (
        time.sleep(0.3),
        answer_with(204)(handler, request),
    )
    endpoint_for(receiver, "enrollment.created")
    for _ in range(20):
        enrolled_learner()
    sent = delivering.run(seconds=0.5)
    assert 0 < sent < 20
    rest = Delivery.objects.waiting().filter(claimed_until=None, attempts=0, first_try_at=None)
    assert rest.count() == 20 - sent
    assert delivering.run() == 20 - sent
    ids = [request.id for request in receiver.received]
    assert len(set(ids)) == len(ids) == 20


def test_many_deliveries_cost_few_statements(endpoint_for, receiver):
    endpoint_for(receiver, "enrollment.created")
    for _ in range(60):
        enrolled_learner()
    publishing.publish_all(timezone.now())
    with CaptureQueriesContext(connection) as captured:
        assert delivering.run() == 60
    # Ten for each delivery, if each were claimed and settled alone.
    assert len(captured) < 60 * 5


def test_who_comes_back_too_late_settles_nothing(endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    now = timezone.now()
    publishing.publish_all(now)
    [late] = claiming.claim(endpoint, now, limit=1)
    claiming.claim(endpoint, now + claiming.LEASE, limit=1)
    claiming.settle(endpoint.pk, [claiming.Answered(late, SendResult(204), now)], now)
    assert Delivery.objects.get().state == State.WAITING
