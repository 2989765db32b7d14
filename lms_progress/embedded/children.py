"""Starting and ending processes that must not outlive us."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

from .state import EmbeddedError, try_lock

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl
LOG_LIMIT_BYTES = 10_000_000
# How long a server whose keeper was killed may take to end cleanly.
PREDECESSOR_SECONDS = 60


def dies_with_parent(death_signal: int) -> Callable[[], None]:
    """For Popen's `preexec_fn`: the kernel sends `death_signal` when this process ends, however.

    Popen changes the user first; doing so later would clear the request.
    """
    return partial(end_with_parent, os.getpid(), death_signal)


def end_with_parent(parent: int, death_signal: int) -> None:
    """Asks the kernel for `death_signal` when the process `parent`, which forked us, ends."""
    _prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # ended before the kernel was asked
        os._exit(1)


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


def lock_alone(lock: IO[str], seconds: float, failure: str) -> None:
    """Locks a file whose lock earlier processes may have inherited.

    Kills those that still hold it after some seconds. Raises EmbeddedError with the text `failure`
    if they stay even then.
    """
    if _locks_within(lock, seconds):
        return
    for process in _holders(lock):
        os.kill(process, signal.SIGKILL)
    if not _locks_within(lock, seconds):
        raise EmbeddedError(failure)


def _locks_within(lock: IO[str], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not try_lock(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _holders(lock: IO[str]) -> list[int]:
    """Returns the ids of other processes that have this file open."""
    file = os.fstat(lock.fileno())
    found = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            is_open = os.path.samestat(descriptor.stat(), file)
        except OSError:
            continue  # another user's, or it has ended
        if is_open:
            found.add(int(descriptor.parts[2]))
    return sorted(found - {os.getpid()})


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
