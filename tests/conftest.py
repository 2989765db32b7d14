"""The server and worker that tests can use; tests/settings.py has the settings."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from functools import cache
from urllib.parse import quote

import hypothesis
import pytest
import redis
from django.test import Client
from django.utils import translation

from lms_progress.embedded.children import dies_with_parent, end
from lms_progress.embedded.state import CHECKOUT
from tests.citus import by_design
from tests.factories import a_user
from tests.support import emptying, signing_in, static_files

emptying.install()
signing_in.install()
static_files.install()

# How fast the machine is says nothing about the rules.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


# Each of their few tests takes long. A process that began one of them last would be busy with it
# for minutes after the others had ended.
LONG_FILES = (
    "tests/ops/test_up.py",
    "tests/demo/test_two_hundred_learners.py",
    "tests/demo/test_organisation.py",
    "tests/ops/test_request_checks.py",
    "tests/ops/test_baseline.py",
    "tests/dashboards/test_report_days.py",
    "tests/ops/test_embedded.py",
    "tests/certificates/test_crashes.py",
    "tests/connections/test_killed.py",
    "tests/integrating/test_clients.py",
    "tests/integrating/test_package.py",
    "tests/research/test_commands.py",
    "tests/ops/test_production.py",
    "tests/ops/test_replica.py",
)


def pytest_collection_modifyitems(config, items):
    # Playwright leaves an event loop running in this thread: asyncio.run, and Django's guard
    # against blocking calls in a loop, would fail in whatever came after.
    items.sort(key=lambda item: "/browser/" in item.nodeid)
    if os.environ.get("TEST_DISTRIBUTED"):
        by_design.mark(items)
    if hasattr(config, "workerinput"):
        items.sort(key=_begins(items))


def _begins(items):
    """When files begin that are spread over several processes: the long ones, then those with many
    tests."""
    tests = Counter(_file(item) for item in items)
    place = {file: place for place, file in enumerate(LONG_FILES)}
    return lambda item: (place.get(_file(item), len(place)), -tests[_file(item)], _file(item))


def _file(item):
    return item.nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def django_db_keepdb(request):
    """Whether the database is there already and stays (pytest-django's, which asks its option)."""
    return bool(os.environ.get("TEST_DISTRIBUTED")) or request.config.getvalue("reuse_db")


@cache
def _valkey():
    return redis.Redis.from_url(os.environ["REDIS_URL"])


@pytest.fixture(autouse=True)
def _nothing_left_over():
    """Each test starts with an empty cache, no tasks waiting and the site's own language.

    It ends without threads.
    """
    from progress.ingest import announcing, recorder

    # A request's language stays active in its thread until the next request.
    translation.deactivate()
    # Keep what a running worker has declared, or it would never receive a task again.
    keys = [key for key in _valkey().scan_iter(count=1000) if not key.startswith(b"_kombu.")]
    if keys:
        _valkey().delete(*keys)
    yield
    # Their threads hold connections to the test's database.
    recorder.stop()
    announcing.stop()


@pytest.fixture(scope="session")
def _process_environment(django_db_setup, django_db_blocker):
    """The environment for another process that works on this session's test database."""
    from django.db import connection

    named = connection.settings_dict
    login = quote(named["USER"], safe="")
    if named["PASSWORD"]:
        login += f":{quote(named['PASSWORD'], safe='')}"
    place = quote(named["HOST"] or "", safe="") + (f":{named['PORT']}" if named["PORT"] else "")
    address = f"postgres://{login}@{place}/{named['NAME']}"
    return os.environ | {"DATABASE_URL": address}


@pytest.fixture(scope="session")
def _site(_process_environment, tmp_path_factory):
    served = Site(_process_environment, tmp_path_factory.mktemp("site") / "web.log")
    served.start()
    yield served.url
    served.stop()


class Site:
    """A web process of the project; it keeps its address when it is started again."""

    def __init__(self, environment, log):
        self.environment, self.log = environment, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        arguments = ["uvicorn", "tests.support.remembered_files:application"]
        arguments += ["--port", str(self.port), "--timeout-graceful-shutdown", "3"]
        arguments += ["--no-access-log", "--no-proxy-headers"]
        arguments += ["--http", "lms_progress.bounded_heads:BoundedHeads"]
        self.process = _start(arguments, self.environment, self.log)
        _wait(self.process, self.log, lambda: _answers(f"{self.url}/healthz"))

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            end(self.process, (how, 10))


@pytest.fixture
def own_site(transactional_db, _process_environment, tmp_path):
    """A `Site` of this test's own, not started yet; it may be stopped and started again."""
    served = Site(dict(_process_environment), tmp_path / "web.log")
    yield served
    served.stop()


@pytest.fixture(scope="session")
def _worker(_process_environment, tmp_path_factory):
    running = Worker(_process_environment, tmp_path_factory.mktemp("worker") / "worker.log")
    running.start()
    yield
    running.stop()


class Worker:
    """A Celery worker that does its tasks in its one process."""

    def __init__(self, environment, log):
        self.environment, self.log = environment, log

    def start(self):
        begins = self.log.stat().st_size if self.log.exists() else 0
        # Each worker needs its own name, or two would mistake each other for themselves.
        arguments = ["celery", "--app", "lms_progress", "worker", "--pool", "solo"]
        arguments += ["--hostname", f"{self.log.stem}-{time.monotonic_ns()}@%h"]
        self.process = _start(arguments, self.environment, self.log)
        _wait(self.process, self.log, lambda: b" ready." in self.log.read_bytes()[begins:])

    def stop(self, how=signal.SIGTERM):
        end(self.process, (how, 10))


@pytest.fixture
def own_worker(transactional_db, _process_environment, tmp_path):
    """A `Worker` of this test's own, not started yet; it may be killed and started again."""
    running = Worker(dict(_process_environment), tmp_path / "worker.log")
    yield running
    if hasattr(running, "process"):
        running.stop()


@pytest.fixture
def site(transactional_db, _site):
    """The URL of a running web process that sees what the test wrote.

    The database is emptied after the test: a test makes every row that it needs.
    """
    return _site


@pytest.fixture
def worker(transactional_db, _worker):
    """A running Celery worker on the same rows."""


def _start(arguments, environment, log):
    with open(log, "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )


def _wait(process, log, is_ready):
    deadline = time.monotonic() + 180
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"{process.args} didn't start:\n{log.read_text()}")
        time.sleep(0.05)


def _answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


@pytest.fixture
def sign_in(db):
    """Returns test clients that are signed in as a person."""

    def signed_in(person) -> Client:
        window = Client()
        window.force_login(person)
        return window

    return signed_in


@pytest.fixture
def administrator(db):
    return a_user(is_staff=True, is_superuser=True)
