"""Webhooks and events in the API, as an integrator calls them."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.test import APIClient

from connections.events import publishing
from connections.models import Delivery, Endpoint
from connections.webhooks import delivering, endpoints
from tests.factories import a_course_of, a_learner, a_user, an_instructor
from tests.support.certificates import completed

from .receiver import answer_with

pytestmark = pytest.mark.django_db
WEBHOOKS, EVENTS = "/api/webhooks/", "/api/events/"
URL = "https://example.org/hook"


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def may_use_webhooks(user):
    user.user_permissions.add(
        *Permission.objects.filter(
            content_type__app_label="connections", codename__endswith="endpoint"
        )
    )
    return type(user).objects.get(pk=user.pk)


@pytest.fixture
def client(owner):
    return client_of(owner)


def make(client, **body) -> dict:
    answer = client.post(WEBHOOKS, {"url": URL, "events": ["*"]} | body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def errors(answer, status=400) -> set[tuple]:
    assert answer.status_code == status, answer.content
    return {(each["attr"], each["code"]) for each in answer.json()["errors"]}


def test_a_webhook_is_made_changed_and_deleted_and_its_secret_is_shown_once(client):
    made = make(client, events=["course.completed"], description="HR")
    assert made["secret"].startswith("whsec_")
    one = f"{WEBHOOKS}{made['id']}/"
    shown = client.get(one).json()
    assert "secret" not in shown
    assert (shown["url"], shown["events"], shown["enabled"]) == (URL, ["course.completed"], True)
    changed = client.patch(one, {"events": ["session.ended"], "enabled": False}).json()
    assert (changed["events"], changed["enabled"]) == (["session.ended"], False)
    assert client.patch(one, {"enabled": True}).json()["enabled"] is True
    assert client.get(WEBHOOKS).json()["count"] == 1
    rotated = client.post(f"{one}rotate/").json()
    assert rotated["secret"] != made["secret"]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_all_events_may_be_asked_for_by_a_star_alone(client):
    assert make(client, events="*")["events"] == ["*"]
    assert make(client, events=["course.completed", "*"])["events"] == ["*"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("url", "required")),
        ({"url": "example.org"}, ("url", "invalid")),
        ({"url": "https://example.org/#x"}, ("url", "invalid")),
        ({"url": URL, "events": []}, ("events", "min_length")),
        ({"url": URL, "events": ["course.compleeted"]}, ("events.0", "invalid_choice")),
        ({"url": URL, "events": "course.completed"}, ("events", "not_a_list")),
        ({"url": URL, "events": ["*"], "payload": "huge"}, ("payload", "invalid_choice")),
        ({"url": URL, "events": ["*"], "secret": "whsec_x"}, ("secret", "unknown_field")),
        ({"url": URL, "events": ["*"], "owner_id": 7}, ("owner_id", "read_only")),
        ({"url": URL, "events": ["*"], "description": "x" * 201}, ("description", "max_length")),
    ],
)
def test_what_is_wrong_with_a_webhook_is_named(client, body, error):
    assert error in errors(client.post(WEBHOOKS, body))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/hook", "private_address"),
        ("https://localhost/hook", "private_address"),
        ("https://169.254.169.254/latest/meta-data", "private_address"),
        ("http://example.org/hook", "insecure"),
    ],
)
def test_a_private_address_is_refused_unless_it_is_allowed(client, settings, url, code):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    assert errors(client.post(WEBHOOKS, {"url": url, "events": ["*"]})) == {("url", code)}
    settings.WEBHOOK_ALLOW_PRIVATE = True
    assert make(client, url=url)


def test_nobody_has_more_endpoints_than_are_allowed(client, settings):
    settings.WEBHOOK_MAX_ENDPOINTS = 2
    make(client)
    make(client)
    answer = client.post(WEBHOOKS, {"url": URL, "events": ["*"]})
    assert ("non_field_errors", "too_many_endpoints") in errors(answer)


def test_webhooks_take_permissions_and_are_their_owners_alone(owner):
    mine = make(client_of(owner))
    learner, other = a_learner(), may_use_webhooks(a_user())
    for method, path in (("get", WEBHOOKS), ("post", WEBHOOKS), ("get", EVENTS)):
        assert getattr(APIClient(), method)(path).status_code == 401
        assert getattr(client_of(learner), method)(path).status_code == 403
    theirs = client_of(other)
    assert theirs.get(WEBHOOKS).json()["count"] == 0
    one = f"{WEBHOOKS}{mine['id']}/"
    for method, path in (
        ("get", one),
        ("patch", one),
        ("delete", one),
        ("post", f"{one}ping/"),
        ("post", f"{one}replay/"),
        ("post", f"{one}rotate/"),
        ("get", f"{one}deliveries/"),
        ("get", f"{one}deliveries/1/"),
        ("post", f"{one}deliveries/1/resend/"),
    ):
        assert getattr(theirs, method)(path).status_code == 404, path


def test_a_ping_is_delivered_and_its_log_has_bodies_and_answers(client, receiver):
    receiver.answer = answer_with(200, b"thanks")
    one = f"{WEBHOOKS}{make(client, url=receiver.url)['id']}/"
    pinged = client.post(f"{one}ping/")
    assert pinged.status_code == 202
    delivering.run()
    [listed] = client.get(f"{one}deliveries/?state=sent&type=ping").json()["results"]
    assert listed["id"] == pinged.json()["id"]
    log = client.get(f"{one}deliveries/{listed['id']}/").json()
    assert log["event_id"] == receiver.received[0].id
    assert log["body"] == receiver.received[0].body.decode()
    [attempt] = log["tries"]
    assert (attempt["status"], attempt["answer"], attempt["error"]) == (200, "thanks", "")
    assert client.post(f"{one}deliveries/{listed['id']}/resend/").status_code == 202
    delivering.run()
    assert [each.id for each in receiver.received] == [log["event_id"]] * 2
    assert errors(client.get(f"{one}deliveries/?sate=sent")) == {("sate", "unknown_parameter")}


def test_a_period_is_replayed(client, receiver):
    one = f"{WEBHOOKS}{make(client, url=receiver.url)['id']}/"
    began = timezone.now()
    completed()
    delivering.run()
    answer = client.post(f"{one}replay/", {"since": began.isoformat()})
    assert (answer.status_code, answer.json()) == (202, {"events": 5})
    delivering.run()
    assert len(receiver.received) == 10


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-01-02T00:00Z", "until": "2026-01-01T00:00Z"}, "until"),
        ({"since": "2001-01-01T00:00Z"}, "since"),
        ({"since": "2026-01-01T00:00Z", "to": "2026-01-02T00:00Z"}, "to"),
    ],
)
def test_what_is_wrong_with_a_period_is_named(client, body, attr):
    one = f"{WEBHOOKS}{make(client)['id']}/"
    assert attr in {name for name, _ in errors(client.post(f"{one}replay/", body))}


def test_a_disabled_endpoint_is_sent_nothing(client):
    one = f"{WEBHOOKS}{make(client, enabled=False)['id']}/"
    since = timezone.now().isoformat()
    for path, body in (("ping/", {}), ("replay/", {"since": since})):
        assert errors(client.post(one + path, body), 409) == {(None, "endpoint_disabled")}
    assert not Delivery.objects.exists()


def test_deleting_an_endpoint_deletes_its_log(client, receiver):
    one = make(client, url=receiver.url)
    completed()
    delivering.run()
    endpoint = Endpoint.objects.get(pk=one["id"])
    endpoints.delete(endpoint)
    assert not Delivery.objects.exists()


# --- Events --------------------------------------------------------------------------------------
def test_events_can_be_polled_from_the_last_one_on(client):
    completed()
    publishing.publish_all(timezone.now())
    first = client.get(EVENTS, {"page_size": 2}).json()
    assert [each["type"] for each in first["results"]] == ["learner.created", "enrollment.created"]
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert third["next"] is None
    [last] = third["results"]
    assert last["type"] == "course.completed"
    assert last["data"]["event_id"] == last["id"]
    assert client.get(EVENTS, {"after": last["id"]}).json()["results"] == []
    completed()
    publishing.publish_all(timezone.now())
    new = client.get(EVENTS, {"after": last["id"]}).json()["results"]
    assert len(new) == 5


def test_events_are_filtered(client):
    enrollment = completed()
    publishing.publish_all(timezone.now())
    middle = timezone.now().isoformat()
    other = completed()
    publishing.publish_all(timezone.now())

    def found(**asked):
        return [
            each["data"].get("enrollment_id")
            for each in client.get(EVENTS, asked).json()["results"]
        ]

    done = {"type": "course.completed"}
    assert found(**done) == [enrollment.pk, other.pk]
    assert found(**done, since=middle) == [other.pk]
    assert found(**done, until=middle) == [enrollment.pk]
    assert found(**done, user_id=other.user_id) == [other.pk]
    assert found(**done, course_id=other.course_id) == [other.pk]
    both = client.get(f"{EVENTS}?type=course.completed&type=module.completed").json()["results"]
    assert len(both) == 4


@pytest.mark.parametrize(
    ("asked", "attr"),
    [
        ({"type": "course.compleeted"}, "type"),
        ({"since": "yesterday"}, "since"),
        ({"after": "evt_1"}, "after"),
        ({"after": "evt_" + "0" * 32}, "after"),
        ({"page": "2"}, "page"),
        ({"page_size": "0"}, "page_size"),
        ({"learner": "1"}, "learner"),
        ({"user_id": "x"}, "user_id"),
    ],
)
def test_what_is_wrong_with_a_question_is_named(client, asked, attr):
    assert attr in {name for name, _ in errors(client.get(EVENTS, asked))}


def test_an_instructor_sees_events_of_own_courses_only():
    video = {"content_type": "video", "duration_seconds": 10}
    own, other = a_course_of(video), a_course_of(video)
    mine, theirs = completed(None, own), completed(None, other)
    publishing.publish_all(timezone.now())
    window = client_of(an_instructor(own))
    found = window.get(EVENTS).json()["results"]
    assert {each["data"]["user_id"] for each in found} == {mine.user_id}
    assert window.get(EVENTS, {"user_id": theirs.user_id}).status_code == 404


def test_a_list_costs_as_many_queries_with_fifty_rows_as_with_one(
    client, receiver, django_assert_max_num_queries
):
    one = f"{WEBHOOKS}{make(client, url=receiver.url)['id']}/"
    for _ in range(10):
        completed()
    delivering.run()
    for path in (EVENTS, WEBHOOKS, f"{one}deliveries/"):
        with django_assert_max_num_queries(6):
            client.get(path)
