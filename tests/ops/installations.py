"""Installations of their own: a STATE_DIR, and commands that know nothing of the tests' servers."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from lms_progress.embedded.state import CHECKOUT, State

OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STATE_DIR", "DJANGO_SETTINGS_MODULE")


class Installation:
    def __init__(self, directory: Path):
        self.directory = directory
        self.state = State(directory)

    def start(self, *arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=clean | {"STATE_DIR": str(self.directory)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def manage(self, *arguments, **environment):
        """What manage.py printed, and its exit code."""
        process = self.start("manage.py", *arguments, **environment)
        printed, _ = process.communicate(timeout=60)
        return printed, process.returncode

    def processes(self):
        """The command lines of everything that still runs for this STATE_DIR."""
        name = os.fsencode(self.directory)
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                environment = (process / "environ").read_bytes()
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended, or is another user's
            if name in environment or name in command:
                found.append((int(process.name), command.replace(b"\0", b" ").decode()))
        return found


def a_free_port():
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def installations():
    """Makes installations in folders that PostgreSQL's user can reach, as STATE_DIR usually is."""
    made = []

    def make(below=""):
        top = Path(tempfile.mkdtemp(prefix="lms-ops-", dir="/tmp"))
        top.chmod(0o711)
        made.append(top)
        return Installation(top / below / "state")

    yield make
    for top in made:
        # Keepers notice within a moment that nobody is left.
        deadline = time.monotonic() + 15
        while Installation(top).processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        shutil.rmtree(top)
