"""Signatures as others check them: the published libraries of Python and npm."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from connections.webhooks import delivering, endpoints, signing
from tests.connections.test_events import published
from tests.support.certificates import completed

pytestmark = pytest.mark.django_db(transaction=True)
NODE = Path(__file__).parent / "independent"
INSTALL = "apt-get install nodejs npm; npm ci --prefix tests/connections/independent"


def python_library(secret: str, headers: dict, body: bytes) -> bool:
    try:
        Webhook(secret).verify(body.decode(), headers)
    except WebhookVerificationError:
        return False
    return True


def npm_library(secret: str, headers: dict, body: bytes) -> bool:
    if not shutil.which("node") or not (NODE / "node_modules").is_dir():
        missing = f"node or its libraries are missing: {INSTALL}"
        (pytest.fail if os.environ.get("REQUIRE_NODE") else pytest.skip)(missing)
    done = subprocess.run(
        ["node", NODE / "verify.mjs"],
        input=json.dumps({"secret": secret, "headers": headers, "body": body.decode()}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)["verified"]


LIBRARIES = pytest.mark.parametrize("verify", [python_library, npm_library])


@LIBRARIES
def test_a_delivery_is_verified_by_independent_libraries(verify, endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    assert delivering.run() == 1
    [request] = receiver.received
    assert verify(endpoint.plain_secret, request.headers, request.body)
    assert not verify(endpoint.plain_secret, request.headers, request.body.replace(b"1", b"2"))
    assert not verify(signing.new_secret(), request.headers, request.body)
    assert request.json.keys() == {"type", "timestamp", "data"}
    assert request.headers["webhook-id"] == published("course.completed")[0].public_id
    assert request.headers["content-type"] == "application/json"


@LIBRARIES
def test_both_secrets_are_valid_while_one_is_rotated(verify, endpoint_for, receiver):
    endpoint = endpoint_for(receiver, "course.completed")
    _, new = endpoints.rotate(endpoint.pk, timezone.now())
    completed()
    delivering.run()
    [request] = receiver.received
    for secret in (endpoint.plain_secret, new):
        assert verify(secret, request.headers, request.body)


def test_an_old_secret_ends(endpoint_for, receiver, settings):
    endpoint = endpoint_for(receiver)
    now = timezone.now()
    rotated, new = endpoints.rotate(endpoint.pk, now)
    assert endpoints.secrets_in_use(rotated, now) == [new, endpoint.plain_secret]
    after = now + timedelta(hours=settings.WEBHOOK_ROTATION_HOURS)
    assert endpoints.secrets_in_use(rotated, after) == [new]
    again, newest = endpoints.rotate(endpoint.pk, now)
    assert endpoints.secrets_in_use(again, now) == [newest, new]


def test_secrets_are_encrypted_in_the_database(endpoint_for, receiver):
    endpoint = endpoint_for(receiver)
    assert endpoint.plain_secret.startswith("whsec_")
    assert endpoint.plain_secret.removeprefix("whsec_") not in endpoint.secret


def test_a_changed_secret_key_disables_the_endpoint_and_says_why(endpoint_for, receiver, settings):
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    settings.SECRET_KEY = Fernet.generate_key().decode()
    assert delivering.run() == 0
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert "SECRET_KEY" in endpoint.disabled_reason


def test_a_fallback_of_the_secret_key_still_reads_them(endpoint_for, receiver, settings):
    endpoint = endpoint_for(receiver)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert endpoints.secrets_in_use(endpoint, timezone.now()) == [endpoint.plain_secret]
