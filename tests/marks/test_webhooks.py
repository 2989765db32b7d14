"""Events of test learners go to test endpoints, and say that they are of a test."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.events import publishing
from connections.models import Delivery, Endpoint, Event
from connections.webhooks import endpoints, messages
from tests.support.certificates import completed

pytestmark = pytest.mark.django_db
HOOK = {"url": "https://hooks.example.org/in", "events": ["*"]}


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True


def made_by(client, **values) -> Endpoint:
    answer = client.post("/api/webhooks/", HOOK | values)
    assert answer.status_code == 201, answer.content
    return Endpoint.objects.get(pk=answer.json()["id"])


def delivered(endpoint: Endpoint) -> set[int]:
    return set(endpoint.deliveries.values_list("user_id", flat=True))


def test_an_endpoint_is_as_the_key_that_made_it(live, test_key):
    own = {client: made_by(client) for client in (live, test_key)}
    assert [own[live].is_test, own[test_key].is_test] == [False, True]
    for client, other in ((live, test_key), (test_key, live)):
        rows = client.get("/api/webhooks/").json()["results"]
        assert [row["id"] for row in rows] == [own[client].pk]
        assert rows[0]["is_test"] is (client is test_key)
        assert client.get(f"/api/webhooks/{own[other].pk}/").status_code == 404
        assert client.post(f"/api/webhooks/{own[other].pk}/ping/").status_code == 404


def test_events_go_to_endpoints_of_their_own_kind(live, test_key, anna, tess):
    real, tried = made_by(live), made_by(test_key)
    completed(anna), completed(tess)
    publishing.publish_all(timezone.now())
    assert delivered(real) == {anna.pk} and delivered(tried) == {tess.pk}
    for event in Event.objects.published():
        assert event.data.get("test", False) is (event.user_id == tess.pk)
    since, until = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
    Delivery.objects.all().delete()
    for endpoint, person in ((real, anna), (tried, tess)):
        assert endpoints.replay(endpoint, since, until, timezone.now()) > 4
        assert delivered(endpoint) == {person.pk}


def test_polled_events_are_those_of_the_same_kind(live, test_key, anna, tess):
    completed(anna), completed(tess)
    publishing.publish_all(timezone.now())
    for client, person in ((live, anna), (test_key, tess)):
        rows = client.get("/api/events/").json()["results"]
        assert {row["data"]["user_id"] for row in rows} == {person.pk}
        assert {row["data"].get("test") for row in rows} == {True if person is tess else None}


@pytest.mark.parametrize("payload", Endpoint.Payload.values)
def test_every_payload_says_so(payload, tess):
    completed(tess)
    publishing.publish_all(timezone.now())
    for event in Event.objects.published():
        body = messages.body(event, payload)
        assert '"test": true' in body or "Test: tess" in body or "Test: An account" in body
