"""Logs as JSON, with an id that follows a request into the tasks that it starts."""

import json
import os
import subprocess
import sys

import pytest
import redis

from progress.operations import broker, outbox


def run(code: str, **changes) -> list[str]:
    """The lines that a process logs while it runs `code`."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"} | changes
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.strip().splitlines()


SAY = "import logging; logging.getLogger('progress.x').warning('%s left', 3)"


def test_a_line_of_json_is_one_object():
    (line,) = run(SAY, LOG_FORMAT="json")
    entry = json.loads(line)
    assert (entry["message"], entry["level"], entry["logger"]) == (
        "3 left",
        "warning",
        "progress.x",
    )
    assert entry["timestamp"].endswith("Z")


def test_an_error_in_json_stays_on_its_line():
    fail = "import logging\ntry: 1/0\nexcept Exception: logging.exception('no')"
    (line,) = run(fail, LOG_FORMAT="json")
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def test_lines_are_for_people_by_default():
    (line,) = run(SAY)
    assert line.endswith(" WARNING progress.x 3 left")


def test_a_form_that_is_none_is_refused():
    with pytest.raises(subprocess.CalledProcessError):
        run("", LOG_FORMAT="xml")


REQUEST = """
import logging
from django.test import Client
from django.http import HttpResponse
from lms_progress import urls
from django.urls import path
def view(request):
    logging.getLogger("progress.x").warning("in a request")
    return HttpResponse()
urls.urlpatterns.append(path("x", view))
Client().get("/x", headers={"x-request-id": "abc-1", "host": "localhost"})
Client().get("/x", headers={"host": "localhost"})
logging.getLogger("progress.x").warning("after")
"""


def test_what_a_request_logs_carries_its_id_and_nothing_else_does():
    first, second, after = (json.loads(line) for line in run(REQUEST, LOG_FORMAT="json"))
    assert first["request_id"] == "abc-1"
    assert second["request_id"] not in {"abc-1", ""}
    assert "request_id" not in after
    assert not {"ip", "user_id"} & first.keys()


def test_a_refused_request_is_logged_once_with_its_id():
    ask = """
from django.test import Client
Client().get("/no-such-page", headers={"x-request-id": "abc-4", "host": "localhost"})
"""
    (line,) = (json.loads(line) for line in run(ask, LOG_FORMAT="json"))
    assert (line["request_id"], line["code"], line["level"]) == ("abc-4", 404, "warning")


def test_a_task_is_sent_with_the_requests_id(db):
    import structlog

    with structlog.contextvars.bound_contextvars(request_id="abc-2"):
        assert broker.enqueue(outbox.send_messages, [])
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        message = json.loads(client.lindex("celery", 0))
    assert message["headers"]["__django_structlog__"]["request_id"] == "abc-2"


def test_a_worker_logs_with_the_id_of_the_request_that_sent_the_task(db):
    code = """
from celery.signals import task_prerun
from lms_progress.celery import app
from django_structlog.celery.steps import DjangoStructLogInitStep
import logging
step = DjangoStructLogInitStep(None)
@app.task(name="t")
def t(): logging.getLogger("progress.x").warning("in a task")
from celery.app.trace import build_tracer
headers = {"__django_structlog__": {"request_id": "abc-3"}, "is_eager": False}
build_tracer("t", app.tasks["t"], app=app)("id-1", (), {}, headers | {"id": "id-1"})
"""
    entries = [json.loads(line) for line in run(code, LOG_FORMAT="json")]
    assert [line["request_id"] for line in entries if line["message"] == "in a task"] == ["abc-3"]
