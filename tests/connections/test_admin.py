"""Webhooks in the admin: staff manage their own, and see what was sent and answered."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from connections.models import Delivery, Endpoint, Event
from connections.webhooks import delivering, endpoints
from tests.factories import a_course_of, a_user, an_instructor
from tests.support.admin import page, text_of
from tests.support.certificates import completed

from .receiver import answer_with

pytestmark = pytest.mark.django_db
URL = "https://example.org/hook"
VIDEO = {"content_type": "video", "duration_seconds": 10}


@pytest.fixture
def window(client, owner):
    owner.is_staff = True
    owner.save()
    client.force_login(owner)
    return client


def test_an_endpoint_is_made_and_its_secret_shown_once(window, owner):
    form = {"url": URL, "events": ["course.completed"], "payload": "full", "description": ""}
    answer = window.post(page(Endpoint, "add"), form, follow=True)
    endpoint = Endpoint.objects.get(owner=owner)
    [secret] = endpoints.secrets_in_use(endpoint, timezone.now())
    assert secret in text_of(answer)
    assert secret not in text_of(window.get(page(Endpoint, "change", endpoint.pk)))
    changed = form | {"events": ["*"], "url": f"{URL}/2"}
    window.post(page(Endpoint, "change", endpoint.pk), changed)
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == (f"{URL}/2", ["*"])


def test_a_private_address_is_refused_in_the_form(window, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    form = {"url": "https://127.0.0.1/", "events": ["*"], "payload": "full"}
    assert "public" in text_of(window.post(page(Endpoint, "add"), form))
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("action", ["disable", "enable", "rotate", "send_test"])
def test_endpoints_are_acted_on(window, endpoint_for, receiver, action):
    endpoint = endpoint_for(receiver)
    if action == "enable":
        endpoints.disable(endpoint.pk, "", timezone.now())
    chosen = {"action": action, "_selected_action": [endpoint.pk]}
    answer = window.post(page(Endpoint), chosen, follow=True)
    assert answer.status_code == 200
    before = endpoint.secret
    endpoint.refresh_from_db()
    assert endpoint.is_enabled == (action != "disable")
    assert (endpoint.secret != before) == (action == "rotate")
    assert ("whsec_" in text_of(answer)) == (action == "rotate")
    assert Event.objects.filter(type="ping").exists() == (action == "send_test")


def test_the_log_shows_bodies_and_answers_and_sends_again(window, endpoint_for, receiver):
    receiver.answer = answer_with(200, b"well received")
    endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    delivery = Delivery.objects.get()
    shown = text_of(window.get(page(Delivery, "change", delivery.pk)))
    assert "well received" in shown
    assert "course.completed" in shown
    chosen = {"action": "send_again", "_selected_action": [delivery.pk]}
    window.post(page(Delivery), chosen)
    delivering.run()
    assert len(receiver.received) == 2


def test_staff_see_their_own_endpoints_and_events_of_their_courses(client, endpoint_for, receiver):
    own, other = a_course_of(VIDEO), a_course_of(VIDEO)
    instructor = an_instructor(own)
    instructor.user_permissions.set(
        Permission.objects.filter(content_type__app_label="connections")
    )
    endpoint_for(receiver)
    mine = endpoint_for(receiver, by=instructor)
    enrollment = completed(None, own)
    completed(None, other)
    delivering.run()
    client.force_login(instructor)
    assert list(client.get(page(Endpoint)).context["cl"].result_list) == [mine]
    events = client.get(page(Event)).context["cl"].result_list
    assert {event.user_id for event in events} == {enrollment.user_id}
    deliveries = client.get(page(Delivery)).context["cl"].result_list
    assert {delivery.endpoint_id for delivery in deliveries} == {mine.pk}


def test_staff_without_permission_open_none_of_it(client):
    client.force_login(a_user(is_staff=True))
    for model in (Endpoint, Delivery, Event):
        assert client.get(page(model)).status_code == 403
    assert reverse("admin:connections_endpoint_changelist") == page(Endpoint)
