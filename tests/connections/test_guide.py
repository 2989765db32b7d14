"""docs/webhooks.md: each of its examples is run, and does what the page says."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from knox.models import AuthToken
from rest_framework.test import APIClient
from standardwebhooks import WebhookVerificationError

from connections import event_types
from connections.models import Delivery, Event
from connections.webhooks import delivering
from tests.support.certificates import completed

pytestmark = pytest.mark.django_db
GUIDE = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text()
INDEPENDENT = Path(__file__).parent / "independent"
INSTALL = "apt-get install nodejs npm; npm ci --prefix tests/connections/independent"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def commands() -> list[str]:
    text = "\n".join(blocks("sh")).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.startswith("curl")]


def run(command: str, **values: str):
    """Does what curl would, against this site."""
    for name, value in values.items():
        command = command.replace(f"${name}", value)
    words = shlex.split(command)[1:]
    options = {"-X": "GET", "-d": ""}
    headers = {}
    [url] = [word for at, word in enumerate(words) if word.startswith("http://site")]
    for at, word in enumerate(words):
        if word in options:
            options[word] = words[at + 1]
        if word == "-H":
            name, _, value = words[at + 1].partition(": ")
            headers[name] = value
    return APIClient().generic(
        options["-X"],
        url.removeprefix("http://site"),
        # A real address in place of the one that is left out.
        options["-d"].replace("…", "T0/B0/x"),
        content_type=headers.get("Content-Type", "application/json"),
        HTTP_AUTHORIZATION=headers.get("Authorization", ""),
    )


@pytest.fixture
def world(owner, endpoint_for, receiver) -> dict[str, str]:
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    return {
        "SITE": "http://site",
        "KEY": AuthToken.objects.create(owner)[1],
        "ID": str(endpoint.pk),
        "DELIVERY": str(Delivery.objects.get().pk),
        "LAST": Event.objects.published().first().public_id,
    }


@pytest.mark.parametrize("command", commands())
def test_each_command_works(command, world, settings):
    settings.WEBHOOK_KEPT_DAYS = 4000
    answer = run(command, **world)
    assert 200 <= answer.status_code < 300, answer.content


def test_there_are_commands_for_everything():
    assert len(commands()) >= 9


def test_the_function_in_python_verifies_and_remembers(endpoint_for, receiver):
    [code] = blocks("python")
    names: dict = {}
    exec(code, names)
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    [request] = receiver.received
    seen: set = set()
    receive = names["receive"]
    asked = (request.headers, request.body, endpoint.plain_secret)
    assert receive(*asked, seen)["type"] == "course.completed"
    assert receive(*asked, seen) is None
    with pytest.raises(WebhookVerificationError):
        receive(request.headers, request.body + b" ", endpoint.plain_secret, set())


def node(*arguments, **more) -> str:
    if not shutil.which("node") or not (INDEPENDENT / "node_modules").is_dir():
        missing = f"node or its libraries are missing: {INSTALL}"
        (pytest.fail if os.environ.get("REQUIRE_NODE") else pytest.skip)(missing)
    done = subprocess.run(
        ["node", *arguments],
        cwd=INDEPENDENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        **more,
    )
    return done.stdout


def test_the_lines_for_node_verify(endpoint_for, receiver):
    [code] = blocks("js")
    endpoint = endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    [request] = receiver.received
    given = {
        "secret": endpoint.plain_secret,
        "headers": request.headers,
        "body": request.body.decode(),
    }
    values = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items())
    shown = node("--input-type=module", "-", input=f"{values}{code}\nconsole.log(event.type);")
    assert shown.strip() == "course.completed"


def test_the_example_of_a_body_has_the_fields_of_a_real_one(endpoint_for, receiver):
    [example] = blocks("json")
    endpoint_for(receiver, "course.completed")
    completed()
    delivering.run()
    [request] = receiver.received
    shown = json.loads(example)
    assert shown.keys() == request.json.keys()
    assert shown["data"].keys() == request.json["data"].keys()
    assert shown["data"]["learner"].keys() == request.json["data"]["learner"].keys()


def test_the_table_has_every_type_of_event():
    table = GUIDE[GUIDE.index("| event | when |") : GUIDE.index("## Receive")]
    assert set(re.findall(r"`([a-z]+\.[a-z]+)`", table)) == set(event_types.TYPES)


# --- The integration for Zapier ------------------------------------------------------------------
def test_zapiers_own_validator_finds_nothing_wrong_with_the_integration():
    found = json.loads(node("zapier.mjs"))
    assert found["errors"] == []
    types = {name.replace("_", ".", 1) for name in found["triggers"]}
    assert types <= set(event_types.TYPES)
    assert "course.completed" in types
