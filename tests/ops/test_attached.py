"""Whatever bin/up starts ends with it, also what is waiting for something that has gone."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from lms_progress.embedded.attached import GRACE_SECONDS
from lms_progress.embedded.children import lock_alone
from lms_progress.embedded.state import open_lock
from tests.ops.test_up import wait_for

# Starts one service as bin/up does, and waits.
PARENT = """
import signal, sys, time
from lms_progress.embedded.services import Service, services, sole_services_lock
from lms_progress.embedded.state import State

state = State.from_environment()
with sole_services_lock(state) as lock:
    known = {each.name: each for each in services(state, "127.0.0.1", int(sys.argv[2]), lock)}
    known["stubborn"] = Service("stubborn", ["tests.ops.stubborn"], state, lock, signal.SIGQUIT)
    list(known[sys.argv[1]].tend(must_start=True))
    print("started", flush=True)
    time.sleep(600)
"""
WAITS = {
    "web": "Uvicorn running",
    "worker": "Cannot connect to",
    "beat": "beat: Starting",
    "stubborn": "waiting\nwaiting",
}


@pytest.fixture
def silent():
    """A server that accepts connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def run_service(installation, port):
    """Runs a service until it waits; the function returns its parent."""
    parents = []

    def run(name, **environment):
        parent = installation.start(
            *("-c", PARENT, name, port), SECRET_KEY="only-for-tests", **environment
        )
        parents.append(parent)
        assert parent.stdout.readline() == "started\n"
        log = installation.state.log(name)
        wait_for(lambda: log.exists() and WAITS[name] in log.read_text(), 60)
        return parent

    yield run
    for parent in parents:
        parent.kill()
        parent.communicate()


@pytest.mark.parametrize("name", WAITS)
def test_a_service_that_waits_for_something_ends_when_its_parent_is_killed(
    installation, run_service, silent, name
):
    parent = run_service(
        name,
        DATABASE_URL=f"postgres://lms@{silent}/lms",
        REDIS_URL="redis://127.0.0.1:1/0",  # refuses connections
    )
    parent.kill()
    # The grace once, and time for a busy machine.
    wait_for(lambda: installation.processes() == [], GRACE_SECONDS + 10)


def test_forked_processes_of_a_service_end_with_it(installation, run_service):
    """Also when only the service itself was killed, and nothing looks after its group."""
    parent = run_service("stubborn")
    started = [(pid, command.split()) for pid, command in installation.processes()]
    of_service = [pid for pid, command in started if command[-1] == "tests.ops.stubborn"]
    assert len(of_service) == 3
    os.kill(min(of_service), signal.SIGKILL)
    wait_for(lambda: [pid for pid, _ in installation.processes()] == [parent.pid], 10)


def test_processes_that_simulate_learners_end_with_the_command(installation):
    pool = (
        "import django, time; django.setup()\n"
        "from lms_progress.demo.organisation.build import process_pool\n"
        "with process_pool(2) as pool: print(pool.map(abs, [-7]), flush=True); time.sleep(600)"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "lms_progress.settings", "SECRET_KEY": "only-for-tests"}
    command = installation.start("-c", pool, DATABASE_URL="postgres://nowhere/lms", **settings)
    assert command.stdout.readline() == "[7]\n"
    assert len(installation.processes()) == 3
    command.kill()
    wait_for(lambda: installation.processes() == [], 10)


def test_a_lock_is_taken_from_processes_that_do_not_end(tmp_path):
    path = tmp_path / "server"
    with open_lock(path) as lock:
        lock_alone(lock, 1, "it is free")
        holder = subprocess.Popen(
            [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"],
            stdout=subprocess.PIPE,
            pass_fds=[lock.fileno()],
        )
        holder.stdout.readline()
        holder.send_signal(signal.SIGSTOP)
    with open_lock(path) as lock:
        began = time.monotonic()
        lock_alone(lock, 0.2, "it stays")
        assert time.monotonic() - began >= 0.2, "it was given no time to end by itself"
    assert holder.wait(10) == -signal.SIGKILL
