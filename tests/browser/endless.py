"""Ends the pages of a test that waits for one of them without an end.

Most calls of Playwright have a time limit of their own. A script that a page runs has none: a
promise that is never settled would hold up the whole run.
"""

import os
import signal
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

SECONDS = 300


@contextmanager
def pages_end_after(seconds: float = SECONDS):
    """After so many seconds the pages of this process crash, and what waits for them fails."""
    timer = threading.Timer(seconds, _end_pages)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end_pages() -> None:
    for process in _descendants(os.getpid()):
        with suppress(OSError):
            if b"--type=renderer" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGKILL)


def _descendants(process: int) -> set[int]:
    found, parents = {process}, _parents()
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


def _parents() -> dict[int, int]:
    """The parent of each process that runs now."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The name of the program is in parentheses, and may contain anything.
            after_name = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2]
            parents[int(folder.name)] = int(after_name.split()[1])
    return parents
