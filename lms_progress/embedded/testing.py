"""bin/test: pytest on servers of its own, which end with it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import connect
from .children import dies_with_parent
from .state import CHECKOUT, EmbeddedError, State


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
        memberships = connect(state, fast=True)
        code = _pytest(sys.argv[1:])
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        code = 1
    finally:
        for membership in memberships:
            membership.leave()
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(code)


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
