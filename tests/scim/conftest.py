"""A client of SCIM: a key with the scope people:manage, as a bearer token."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from progress.security.keys import make_key
from tests.factories import an_integrator

ROOT = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def key_of(account, *scopes: str) -> str:
    return make_key(account, scopes=scopes or ("people:manage",), lifetime=timedelta(days=1))[1]


class Scim:
    """Sends requests as an identity provider does."""

    def __init__(self, key: str):
        self._headers = {"Authorization": f"Bearer {key}"}
        self._client = Client()

    def send(self, method: str, path: str, body=None, **headers):
        """The answer; its JSON as `.body`, None for none."""
        given = {"Content-Type": "application/scim+json"} | self._headers | headers
        text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        answer = self._client.generic(
            method, ROOT + path, text, given.pop("Content-Type"), headers=given
        )
        answer.body = json.loads(answer.content) if answer.content else None
        return answer

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def create_user(self, user_name, **more):
        answer = self.send("POST", "/Users", {"schemas": [USER], "userName": user_name} | more)
        assert answer.status_code == 201, answer.body
        return answer.body

    def create_group(self, name, *members, **more):
        body = {"schemas": [GROUP], "displayName": name} | more
        body["members"] = [{"value": each["id"]} for each in members]
        answer = self.send("POST", "/Groups", body)
        assert answer.status_code == 201, answer.body
        return answer.body

    def patch(self, path, *operations, **headers):
        body = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return self.send("PATCH", path, body, **headers)

    def found(self, endpoint, text, **parameters):
        """The ids that a filter finds."""
        from urllib.parse import urlencode

        query = urlencode({"filter": text} | parameters)
        answer = self.get(f"/{endpoint}?{query}")
        assert answer.status_code == 200, answer.body
        return [each["id"] for each in answer.body.get("Resources", [])]


@pytest.fixture
def provider_account(db):
    return an_integrator("add_user", "change_user", "view_user")


@pytest.fixture
def scim(provider_account) -> Scim:
    return Scim(key_of(provider_account))
