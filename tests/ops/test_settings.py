"""Settings that can't be right are refused at the start, and say why."""

import os
import re
import subprocess
import sys

import pytest

from lms_progress.client_address import client_address
from lms_progress.embedded.state import CHECKOUT
from progress.checks import settings_agree


def start(**changes):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"} | changes
    code = "import django; django.setup()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEARTBEAT_SECONDS", "often"),
        ("MAX_PLAYBACK_RATE", "nan"),
        ("MAX_PLAYBACK_RATE", "0"),
        ("COMPLETE_AT", "101"),
        ("SESSION_TIMEOUT_SECONDS", "-1"),
        ("DATABASE_URL", "sqlite:///x"),
        ("SECRET_KEY", ""),
        ("PLAYER_FRAME_ANCESTORS", "*"),
        ("PLAYER_FRAME_ANCESTORS", "https://lms.example.com/courses"),
        ("PLAYER_FRAME_ANCESTORS", "https://lms.example.com; script-src *"),
        ("EMBEDDED_PLAYERS", "dailymotion"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(name, value):
    code, said = start(**{name: value})
    assert code != 0
    assert name in said


FORWARDED = """
import django; django.setup()
from axes.helpers import get_client_ip_address
from django.test import RequestFactory
from rest_framework.throttling import SimpleRateThrottle
request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 9.9.9.9", REMOTE_ADDR="5.5.5.5")
print(get_client_ip_address(request), SimpleRateThrottle.get_ident(None, request))
"""


@pytest.mark.parametrize(
    ("proxies", "address"),
    [("0", "5.5.5.5"), ("1", "9.9.9.9"), ("2", "6.6.6.6"), ("3", "6.6.6.6")],
)
def test_the_client_address_is_the_one_that_our_own_proxy_saw(proxies, address):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    environment["PROXY_COUNT"] = proxies
    done = subprocess.run(
        [sys.executable, "-c", FORWARDED], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == [address, address], done.stderr


SCHEME = """
import django; django.setup()
from django.core.checks import run_checks
from django.test import RequestFactory
from lms_progress.tracker_requests import _steady_headers, is_ordinary
request = RequestFactory().get("/", HTTP_X_FORWARDED_PROTO="https")
headers = {b"host": b"localhost"}
by_proxy = headers | {b"x-forwarded-proto": b"https"}
print(
    request.is_secure(),
    is_ordinary({"scheme": "http"}, by_proxy),
    is_ordinary({"scheme": "https"}, headers),
    "strict-transport-security" in str(_steady_headers("POST", b"", None)),
    "progress.W006" in [each.id for each in run_checks()],
)
"""


@pytest.mark.parametrize(
    ("proxies", "printed"),
    [("0", "False False True True True"), ("1", "True True True True False")],
)
def test_only_our_own_proxy_says_that_a_request_came_over_https(proxies, printed):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms_progress.settings"}
    environment |= {"PROXY_COUNT": proxies, "PUBLIC_URL": "https://learn.example.org"}
    environment["ALLOWED_HOSTS"] = "localhost,learn.example.org"
    done = subprocess.run(
        [sys.executable, "-c", SCHEME], env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == printed, done.stderr


@pytest.mark.parametrize("forwarded", ["unknown", "nonsense, _hidden", "9.9.9.9, <script>"])
def test_a_forwarded_value_that_is_no_address_is_ignored(settings, rf, forwarded):
    settings.PROXY_COUNT = 1
    request = rf.get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR="5.5.5.5")
    assert client_address(request) == "5.5.5.5"


def test_web_servers_leave_forwarded_headers_to_django():
    # uvicorn's own reading of X-Forwarded-For believes anybody on this machine.
    places = ["lms_progress", "docs/production", "bench", "tests/conftest.py"]
    starts = {
        str(path): path.read_text()
        for place in places
        for path in [CHECKOUT / place, *(CHECKOUT / place).rglob("*")]
        if path.is_file() and path.suffix in {".py", ".yaml", ".service"}
        if re.search(r"uvicorn\W+lms_progress\.asgi", path.read_text())
    }
    assert len(starts) >= 5
    assert not [path for path, text in starts.items() if "--no-proxy-headers" not in text]


def test_any_positive_rate_is_a_rate():
    assert start(MAX_PLAYBACK_RATE="0.5")[0] == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, []),
        ({"HEARTBEAT_SECONDS": 121}, ["progress.E001"]),
        ({"SESSION_TIMEOUT_SECONDS": 4}, ["progress.E002", "progress.E003"]),
        ({"PAGE_READ_SECONDS": 121}, ["progress.E004"]),
    ],
)
def test_settings_that_contradict_each_other_are_named(settings, changes, named):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [error.id for error in settings_agree(None)] == named
