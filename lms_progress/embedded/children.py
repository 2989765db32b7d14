"""Starting and ending processes that must not outlive us."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl
LOG_LIMIT_BYTES = 10_000_000


def dies_with_parent(death_signal: int) -> Callable[[], None]:
    """For Popen's `preexec_fn`: the kernel sends `death_signal` when this process ends, however.

    Popen changes the user first; doing so later would clear the request.
    """
    parent = os.getpid()

    def ask_kernel() -> None:
        _prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # ended before the kernel was asked
            os._exit(1)

    return ask_kernel


def end(process: subprocess.Popen[Any], *attempts: tuple[int, float]) -> None:
    """Send each attempt's signal and wait its seconds, until the process has ended; then kill."""
    for number, seconds in attempts:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def kill_group(leader: int) -> None:
    """Kills the rest of a process group whose leader has ended."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def trim_log(path: Path) -> None:
    """Moves the contents of a large log to `….log.1`, of which one is kept.

    Its writers append to the open file, so it is copied and emptied rather than renamed.
    """
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.with_suffix(".log.1").write_bytes(path.read_bytes())
        os.truncate(path, 0)


def log_tail(path: Path, since: int = 0, lines: int = 15) -> str:
    """Returns the last lines of a log that were written after byte `since`."""
    try:
        written = path.read_bytes()[since:]
    except OSError:
        return ""
    tail = written.decode(errors="replace").splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in tail)
