"""bin/up: one command up, one key down, and whatever is killed in between."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

from lms_progress.embedded import template
from lms_progress.served_scripts import served

from .installations import Installation, a_free_port, installations

UP = ("-m", "lms_progress.embedded.up", "--no-demo")


def start(installation, port):
    """Starts bin/up and waits until it says that it is ready; returns it with what it printed."""
    process = installation.start(*UP, PORT=port)
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C stops everything" in line:
            return process, printed
    pytest.fail(f"bin/up ended:\n{printed}")


@pytest.fixture(scope="module")
def first():
    """A first bin/up, from nothing, with all that it printed; Ctrl-C ends it after these tests."""
    with installations() as make:
        installation, port = make(), a_free_port()
        process, printed = start(installation, port)
        yield First(installation, port, process, printed)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert installation.processes() == []


class First(NamedTuple):
    installation: Installation
    port: str
    process: subprocess.Popen
    printed: str


@pytest.fixture
def used(installation):
    """An installation that has been used before: its database is migrated."""
    installation.state.make()
    template.copy_into(installation.state)
    return installation


@pytest.fixture
def up(used, port):
    """Start bin/up on an installation that has been used before."""
    started = []

    def up():
        process, printed = start(used, port)
        started.append(process)
        return process, printed

    yield up
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def running(installation, part):
    return [pid for pid, command in installation.processes() if part in command]


def server(installation, part):
    """The process that serves, not its keeper and not its helpers."""
    found = [pid for pid in running(installation, part) if "embedded.keeper" not in command_of(pid)]
    return found[0]


def command_of(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read()


def answers(port, path="/readyz"):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).status == 200
    except OSError:
        return False


def test_it_runs_beside_other_commands(first):
    assert f"http://127.0.0.1:{first.port}/" in first.printed
    assert answers(first.port)

    second = first.installation.start(*UP, PORT=first.port)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert re.search(
        rf"already runs with STATE_DIR {first.installation.directory} .*{first.port}", said
    )

    said, code = first.installation.manage("migrate", "--check")
    assert code == 0, said


def test_it_serves_scripts_without_comments(first):
    address = f"http://127.0.0.1:{first.port}/static/progress/delivery.js"
    assert urllib.request.urlopen(address, timeout=5).read() == served(
        "progress/delivery.js", Path("static/progress/delivery.js").read_bytes()
    )


def test_what_dies_is_named_and_started_again(first):
    (web,) = running(first.installation, "uvicorn")
    os.kill(web, signal.SIGKILL)
    assert "web ended by itself (-9)" in first.process.stdout.readline()
    wait_for(lambda: answers(first.port))


@pytest.mark.parametrize(("part", "title"), [("bin/postgres", "PostgreSQL"), ("valkey", "Valkey")])
def test_a_database_server_that_is_killed_is_started_again_with_its_data(first, part, title):
    make_somebody(first.installation, f"kept-by-{part[-6:]}")
    os.kill(server(first.installation, part), signal.SIGKILL)
    printed = ""
    for line in first.process.stdout:
        printed += line
        if f"{title} answers again" in line:
            break
    assert f"{title} ended by itself" in printed
    wait_for(lambda: answers(first.port), 60)
    assert f"kept-by-{part[-6:]}" in usernames(first.installation)


def make_somebody(installation, name):
    made = f"from progress.models import User; User.objects.create_user('{name}')"
    said, code = installation.manage("shell", "-v0", "-c", made)
    assert code == 0, said


def usernames(installation):
    asked = "from progress.models import User; print(*User.objects.values_list('username'))"
    return installation.manage("shell", "-v0", "-c", asked)[0]


def test_a_database_server_that_keeps_ending_stops_it(used, up):
    process, _ = up()
    for _ in range(4):
        wait_for(lambda: running(used, "bin/postgres"), 60)
        os.kill(server(used, "bin/postgres"), signal.SIGKILL)
        for line in process.stdout:
            if "answers again" in line or "started again 3 times already" in line:
                break
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert used.processes() == []


@pytest.mark.parametrize("seconds", [0, 1, 3])
def test_killed_while_it_starts_nothing_of_it_stays(used, port, seconds):
    process = used.start(*UP, PORT=port)
    for line in process.stdout:
        if "Starting web, worker and beat" in line:
            break
    time.sleep(seconds)  # the moment of the kill is what is tried here
    process.kill()
    process.wait(10)
    wait_for(lambda: used.processes() == [], 30)


def test_after_a_kill_the_next_one_ends_what_is_left_and_keeps_everything(used, up):
    """With a worker that didn't hear that its bin/up was killed, as one that hangs."""
    process, _ = up()
    make_somebody(used, "kept")
    (worker, *_) = running(used, "celery --app lms_progress worker")
    os.kill(worker, signal.SIGSTOP)
    process.kill()
    process.wait(10)
    up()
    assert worker not in [pid for pid, _ in used.processes()]
    assert "kept" in usernames(used)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_before_it_is_ready_ends_it_too(installation, port, number):
    process = installation.start(*UP, PORT=port)
    assert "Starting PostgreSQL" in process.stdout.readline()
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    # A server that was only starting notices by itself that nobody wants it any more.
    deadline = time.monotonic() + 30
    while installation.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert installation.processes() == []


def test_a_busy_port_is_named_before_anything_starts(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = installation.start(*UP, PORT=port)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"127.0.0.1:{port} can't be used: Address already in use" in said
    assert not (installation.directory / "postgres").exists()
