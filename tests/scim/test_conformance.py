"""The protocol as scim2-tester checks it: discovery, and each attribute created, read, replaced,
patched and deleted."""

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from pydantic import Field
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ResourceType, ScimProvider
from scim2_tester import Status, check_server

from connections.scim import resources

from .conftest import ROOT, key_of

pytestmark = pytest.mark.django_db


# Removed, they have their default: RFC 7644, section 3.5.2.2.
WITH_A_DEFAULT = {f"Attribute '{name}' was not removed" for name in ("active", "timezone")}


class Email(resources.Email):
    """The only address is the primary one."""

    primary: bool | None = Field(None, examples=[True])


class User(resources.User):
    """With an example of a zone: a text by chance is none."""

    timezone: str | None = Field(None, examples=["Europe/Paris", "Asia/Tokyo"])
    emails: list[Email] | None = None


@pytest.fixture
def connection_stays_open():
    """Django's own test client sees to that, too: the test's rows are in a transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Client(WSGISCIMClient):
    """The checker deletes after each check all that it ever made; once is enough here."""

    def request(self, method, url, *args, **kwargs):
        if method.upper() == "DELETE":
            if url in self.deleted:
                return self.deleted[url]
            answer = self.deleted[url] = super().request(method, url, *args, **kwargs)
            return answer
        return super().request(method, url, *args, **kwargs)


@pytest.fixture
def client(provider_account, connection_stays_open):
    person = User[resources.EnterpriseUser]
    provider = ScimProvider(
        models=[User, resources.EnterpriseUser, resources.Group],
        resource_types=[
            ResourceType.from_resource(person),
            ResourceType.from_resource(resources.Group),
        ],
    )
    found = Client(
        get_wsgi_application(),
        base_url=f"http://testserver{ROOT}",
        headers={"Authorization": f"Bearer {key_of(provider_account)}"},
        provider=provider,
    )
    found.deleted = {}
    return found


def test_the_conformance_checker_finds_nothing_wrong(client):
    results = check_server(client)
    done = {each.status for each in results}
    wrong = [
        f"{each.title} of {each.resource_type}: {each.reason}"
        for each in results
        if each.status in {Status.ERROR, Status.CRITICAL, Status.DEVIATION}
        and each.reason not in WITH_A_DEFAULT
    ]
    assert wrong == [], "\n".join(wrong)
    assert Status.SUCCESS in done and len(results) > 50
