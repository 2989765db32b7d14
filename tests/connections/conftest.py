import pytest
from django.utils import timezone

from connections.webhooks import endpoints
from tests.factories import a_user

from .receiver import Receiver


@pytest.fixture(autouse=True)
def _local_receivers(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    settings.WEBHOOK_TIMEOUT_SECONDS = 1


@pytest.fixture
def receiver():
    started = Receiver()
    started.start()
    yield started
    started.stop()


@pytest.fixture
def owner(db):
    return a_user(is_superuser=True, email="owner@example.org")


@pytest.fixture
def endpoint_for(owner):
    """Makes endpoints: `endpoint_for(receiver, "course.completed", payload="thin")`."""

    def make(receiver, *events, by=None, **values):
        values = {"url": receiver.url, "events": list(events) or ["*"]} | values
        made, secret = endpoints.create(by or owner, values, timezone.now())
        made.plain_secret = secret
        return made

    return make
