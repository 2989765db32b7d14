"""The examples in the API's description are true: each request is sent, and its answer compared.

`WRITE_EXAMPLES=1` writes down the answers that are given instead.
"""

import json
import os
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from progress.api.examples import FILE, examples
from progress.models import (
    Choice,
    Content,
    Course,
    Enrollment,
    Module,
    OutsideCompletion,
    Question,
    User,
)
from tests.factories import NOON, a_user
from tests.support import description
from tests.support.callers import api

pytestmark = pytest.mark.django_db
# The ids of the rows that the story makes.
FIRST_IDS = {
    Course: 42,
    Module: 61,
    Content: 107,
    Question: 211,
    Choice: 530,
    Enrollment: 9001,
    OutsideCompletion: 310,
    User: 2817,
}
# Made by chance, or signed: as long as there is one.
BY_CHANCE = {"session_id", "session_token", "stream_url", "event_hash"}
SESSION = "5f0c7c0e-9d3b-4c53-8d0e-0f5b8a3c2b11"


@pytest.fixture
def caller():
    superuser = a_user(pk=2801, username="integrator", is_superuser=True)
    with connection.cursor() as cursor:
        for model, first in FIRST_IDS.items():
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                [model._meta.db_table, first],
            )
    return api(superuser)


def test_each_example_is_a_true_answer(caller):
    session, given = "", []
    with time_machine.travel(NOON, tick=False) as clock:
        for example in examples():
            if example["path"].endswith("update_progress"):
                clock.shift(timedelta(minutes=1))
            answer = _send(caller, example, session)
            assert answer.status_code == example["status"], answer.content
            payload = answer.json()
            session = payload.get("session_id", session)
            given.append(_without_chance(payload))
    if os.environ.get("WRITE_EXAMPLES"):
        written = [
            each | {"answer": payload} for each, payload in zip(examples(), given, strict=True)
        ]
        FILE.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")
    for example, payload in zip(examples(), given, strict=True):
        assert payload == example["answer"], example["summary"]


def _send(caller, example: dict, session: str):
    path = example["path"].format(**example.get("path_values", {}))
    address = f"{path}?{example['query']}" if "query" in example else path
    body = example.get("request")
    if body is not None and "session_id" in body:
        body = body | {"session_id": session}
    return getattr(caller, example["method"])(address, body)


def _without_chance(value):
    """The value with the same stand-ins each time for what is made by chance."""
    if isinstance(value, list):
        return [_without_chance(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _stand_in(name, each) if name in BY_CHANCE else _without_chance(each)
        for name, each in value.items()
    }


def _stand_in(name: str, value):
    if value is None:
        return None
    if name == "session_id":
        return SESSION
    return re.sub(r"(token=).*", r"\1…", value) if "token=" in value else "…"


def test_the_description_has_them():
    paths = description.paths()
    for example in examples():
        operation = paths[example["path"]][example["method"]]
        described = operation["responses"][str(example["status"])]["content"]["application/json"]
        shown = [each["value"] for each in described["examples"].values()]
        assert example["answer"] in shown, example["summary"]
