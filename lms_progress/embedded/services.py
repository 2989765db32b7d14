"""The processes that bin/up keeps running: web, worker, beat.

Each of them, and whatever they fork, inherits an open file with a shared lock on it
(`services.lock`). So the next bin/up knows whether a process of an earlier one still runs, and
ends it: a worker with old code must not take the new one's tasks.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from . import attached
from .children import dies_with_parent, end, kill_group, lock_alone, log_tail, trim_log
from .state import CHECKOUT, EmbeddedError, State

_MAX_PAUSE_SECONDS = 30
_HEALTHY_SECONDS = 60
_TRIES_TO_START = 3
_LEFTOVER_SECONDS = 5


@contextmanager
def sole_services_lock(state: State) -> Iterator[IO[str]]:
    """Holds the lock that services inherit, once no process of an earlier bin/up runs any more.

    Processes that don't end within a few seconds are killed. Raises EmbeddedError if even that
    doesn't help.
    """
    with state.open_lock("services.lock") as lock:
        failure = f"Processes of an earlier bin/up still use STATE_DIR {state.directory}."
        lock_alone(lock, _LEFTOVER_SECONDS, failure)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield lock


def services(state: State, host: str, port: int, lock: IO[str]) -> list["Service"]:
    web = [
        *("uvicorn", "lms_progress.asgi:application", "--host", host, "--port", str(port)),
        *("--timeout-graceful-shutdown", "3", "--no-access-log", "--no-proxy-headers"),
        *("--http", "lms_progress.bounded_heads:BoundedHeads"),
    ]
    celery = ["celery", "--app", "lms_progress"]
    return [
        Service("web", web, state, lock, death_signal=signal.SIGKILL),
        # SIGQUIT ends the pool too, and its unfinished tasks are delivered again.
        Service(
            "worker",
            [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
            state,
            lock,
            death_signal=signal.SIGQUIT,
        ),
        # A pid file left by a crash would block the next start.
        Service(
            "beat",
            [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
            state,
            lock,
            death_signal=signal.SIGKILL,
        ),
    ]


@dataclass
class Service:
    """One process, restarted after a growing pause when it ends by itself."""

    name: str
    module: list[str]
    state: State
    lock: IO[str]
    # The signal that it gets when bin/up itself is killed.
    death_signal: int
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0
    due: float = 0
    log_begins: int = field(default=0, init=False)

    def tend(self, *, must_start: bool) -> Iterator[str]:
        """Starts the process if it is due, and yields the messages to print.

        Raises EmbeddedError if it keeps ending although `must_start` (nothing has worked yet).
        """
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            yield from self._note_end(now, must_start)
        if not self.process and now >= self.due:
            self._start(now)

    def ask_to_end(self) -> None:
        if self.process:
            self.process.terminate()

    def end(self) -> None:
        if self.process:
            end(self.process, (signal.SIGTERM, 10), (signal.SIGQUIT, 3))
            kill_group(self.process.pid)
            self.process = None

    def _start(self, now: float) -> None:
        log = self.state.log(self.name)
        trim_log(log)
        self.started = now
        with open(log, "ab") as output:
            self.log_begins = output.tell()
            # In its own session: Ctrl-C reaches bin/up only, which ends the services in order.
            self.process = subprocess.Popen(
                [sys.executable, "-m", attached.__name__, str(os.getpid()), *self.module],
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[self.lock.fileno()],
                preexec_fn=dies_with_parent(self.death_signal),
            )

    def _note_end(self, now: float, must_start: bool) -> Iterator[str]:
        assert self.process
        code = self.process.returncode
        kill_group(self.process.pid)
        self.process = None
        self.failures = 1 if now - self.started > _HEALTHY_SECONDS else self.failures + 1
        log = self.state.log(self.name)
        ended = f"{self.name} ended by itself ({code}). The end of {log}:"
        ended = f"{ended}\n{log_tail(log, self.log_begins)}"
        if must_start and self.failures >= _TRIES_TO_START:
            raise EmbeddedError(ended)
        pause = min(2 ** (self.failures - 1), _MAX_PAUSE_SECONDS)
        self.due = now + pause
        yield f"{ended}\nStarting it again in {pause} s."
