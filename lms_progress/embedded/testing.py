"""bin/test: pytest with servers of its own, which end with it.

Without arguments it runs all tests, on every core: first those without a browser, then the browser
tests, because Playwright leaves an event loop behind in its process.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import connect, template
from .children import dies_with_parent
from .state import CHECKOUT, EmbeddedError, State

BROWSER = "tests/browser"
FAILED = 1  # pytest's code when it ran, and a test failed


def main() -> None:
    # Never the STATE_DIR of a running bin/up; and /tmp, since a socket's path must be short.
    directory = Path(tempfile.mkdtemp(prefix="lms-test-", dir="/tmp"))
    memberships = []
    try:
        if os.geteuid() == 0:
            directory.chmod(0o711)  # PostgreSQL won't run as root and must get in
        state = State(directory)
        os.environ["STATE_DIR"] = str(directory)
        os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
        # With a process of tests on each core, threads of scikit-learn would wait for one another
        # by spinning: a second of work then takes half a minute.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        # Importing this package has named the site's own settings.
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        if not os.environ.get("DATABASE_URL"):
            template.copy_into(state)
            os.environ["TEST_TEMPLATE"] = "lms"  # read by tests/settings.py
        memberships = connect(state, fast=True)
        code = _all(_runs(sys.argv[1:]))
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        code = 1
    finally:
        for membership in memberships:
            membership.leave()
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(code)


def _runs(arguments: list[str]) -> list[list[str]]:
    """What pytest is called with, call by call."""
    if arguments:
        return [arguments]
    # Tests of a file stay together: what they share is made once, not on every core. The order of
    # files is that of tests/conftest.py.
    together = ["--dist", "loadfile", "--no-loadscope-reorder"]
    cores = len(os.sched_getaffinity(0))
    return [
        ["-n", str(cores), *together, "--ignore", BROWSER],
        # They wait for two fifths of their time: for films, timers and heartbeats.
        ["-n", str(cores + 1), *together, BROWSER],
    ]


def _all(runs: list[list[str]]) -> int:
    """The first code that isn't 0, after every run that could begin."""
    codes = []
    for arguments in runs:
        codes.append(_pytest(arguments))
        if codes[-1] not in (0, FAILED):
            break
    return next(filter(None, codes), 0)


def _pytest(arguments: list[str]) -> int:
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=CHECKOUT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    # Ctrl-C reaches pytest by itself; it reports and ends, and then so do we.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: process.send_signal(number))
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()
