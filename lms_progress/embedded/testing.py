"""bin/test: pytest with servers of its own, which end with it.

Without arguments it runs all tests on every core. The browser tests have processes of their own,
because Playwright leaves an event loop behind, and run beside the others: half of their time is
waiting, for films, timers and heartbeats.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import connect, template
from .children import dies_with_parent
from .state import CHECKOUT, EmbeddedError, State

BROWSER = "tests/browser"


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
        arguments = sys.argv[1:]
        code = _wait_for(_pytest(arguments)) if arguments else _all(directory)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        code = 1
    finally:
        for membership in memberships:
            membership.leave()
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(code)


def _all(directory: Path) -> int:
    """Runs all tests; what the browser tests said comes last. The first code that isn't 0."""
    # Tests of a file stay together: what they share is made once, not on every core. The order of
    # files is that of tests/conftest.py.
    together = ["--dist", "loadfile", "--no-loadscope-reorder"]
    cores = len(os.sched_getaffinity(0))
    with (directory / "browser.log").open("w+") as said:
        others = _pytest(["-n", str(cores), *together, "--ignore", BROWSER])
        in_browsers = _pytest(
            ["-n", str(cores + 1), *together, BROWSER],
            env={**os.environ, "TEST_RUN": "browser"},  # read by tests/settings.py
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        codes = [_wait_for(others, in_browsers), _wait_for(in_browsers)]
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout)
    return next(filter(None, codes), 0)


def _pytest(arguments: list[str], **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=CHECKOUT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
        **options,
    )


def _wait_for(process: subprocess.Popen[bytes], *others: subprocess.Popen[bytes]) -> int:
    """The code with which the first process ends. All are sent the signals that end this one."""
    # Ctrl-C reaches pytest by itself; it reports and ends, and then so do we.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def pass_on(number: int, _frame: object) -> None:
        for each in (process, *others):
            each.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    main()
