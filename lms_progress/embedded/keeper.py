"""One keeper process for each running server, which ends with the server's last user.

Every user holds a shared lock on `<name>.users`; the kernel drops it however a user ends. The
keeper holds `<name>.keeper`, with the server's address in it once it answers, and stops the
server when it gets the users' lock for itself. A newcomer waits for that lock, so it never joins a
server that is going down. The server process itself inherits `<name>.server`: the next one
waits until the last one is really gone, even if its keeper was killed.
"""

import fcntl
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from .children import log_tail, trim_log
from .state import EmbeddedError, State, try_lock

TITLES = {"postgres": "PostgreSQL", "valkey": "Valkey"}
_ANOTHER_KEEPER = 3
# lms_progress/__init__.py loads Celery, which takes 25 MB and 0.2 s: a keeper does without.
_RUN = """
import sys, types
package = types.ModuleType("lms_progress")
package.__path__ = [sys.argv.pop(1)]
sys.modules["lms_progress"] = package
from lms_progress.embedded.keeper import main
main()
"""


class Server(Protocol):
    """What a keeper uses of PostgreSQL and Valkey."""

    name: str
    place: Path

    @property
    def url(self) -> str: ...
    def start(self) -> subprocess.Popen[bytes]: ...
    def is_ready(self) -> bool: ...
    def stop(self, process: subprocess.Popen[bytes]) -> None: ...


@dataclass
class Membership:
    """Keeps the server running while it is held, at most until this process ends."""

    name: str
    url: str
    place: Path
    state: State
    users: IO[str]
    keeper: subprocess.Popen[bytes] | None

    def is_alive(self) -> bool:
        return _address(self.state, self.name) is not None

    def leave(self) -> None:
        """Leaves the server. If this was its last user, waits until it has stopped."""
        self.users.close()
        deadline = time.monotonic() + 1
        while self.is_alive():
            if time.monotonic() > deadline:
                return  # another process uses it
            time.sleep(0.02)
        while not (self._has_no_keeper() or self.is_alive()):
            time.sleep(0.02)
        if self.keeper and self._has_no_keeper():
            self.keeper.wait()  # it has released its lock, and is ending

    def _has_no_keeper(self) -> bool:
        with self.state.open_lock(f"{self.name}.keeper") as file:
            return try_lock(file, fcntl.LOCK_SH)


def join(state: State, name: str, *, fast: bool = False) -> Membership:
    """Joins the server of this STATE_DIR, starting it if necessary.

    Waits as long as that takes (crash recovery may take minutes). Raises EmbeddedError with the
    end of its log if it can't start.
    """
    users = state.open_lock(f"{name}.users")
    fcntl.flock(users, fcntl.LOCK_SH)
    log = state.log(name)
    began, keeper, since = time.monotonic(), None, 0
    while (address := _address(state, name)) is None:
        if keeper is None or keeper.poll() == _ANOTHER_KEEPER:
            since = log.stat().st_size if log.exists() else 0
            keeper = _start_keeper(state, name, fast)
        elif keeper.poll() is not None:
            users.close()
            raise EmbeddedError(f"{TITLES[name]} didn't start:\n{log_tail(log, since)}")
        if time.monotonic() - began > 15:
            print(f"Still waiting for {TITLES[name]}; see {log}", file=sys.stderr)
            began = time.monotonic()
        time.sleep(0.03)
    return Membership(name, address["url"], Path(address["place"]), state, users, keeper)


def _address(state: State, name: str) -> dict[str, str] | None:
    """Returns what the keeper wrote; None without a keeper, or if its server isn't ready yet."""
    with state.open_lock(f"{name}.keeper") as file:
        if try_lock(file, fcntl.LOCK_SH):
            return None
        text = file.read()
    return json.loads(text) if text.endswith("\n") else None


def _start_keeper(state: State, name: str, fast: bool) -> subprocess.Popen[bytes]:
    package = Path(__file__).resolve().parents[1]
    arguments = [str(package), name, str(state.directory), "fast" if fast else "durable"]
    with open(state.log(name), "ab") as log:
        # In its own session: Ctrl-C and hangups are meant for its users.
        return subprocess.Popen(
            [sys.executable, "-I", "-c", _RUN, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )


def main() -> None:
    from .postgres import Postgres
    from .valkey import Valkey

    name, directory, durability = sys.argv[1:]
    state = State(directory)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with state.open_lock(f"{name}.keeper") as lock:
            _become_the_keeper(lock)
            server = Postgres if name == "postgres" else Valkey
            _keep(state, server(state, durability == "fast"), lock)
    except EmbeddedError as error:
        sys.exit(f"{error}")


def _become_the_keeper(lock: IO[str]) -> None:
    # Readers hold the lock for an instant (`_address`), a keeper for long.
    for _ in range(20):
        if try_lock(lock):
            lock.truncate(0)
            return
        time.sleep(0.02)
    sys.exit(_ANOTHER_KEEPER)


def _keep(state: State, server: Server, lock: IO[str]) -> None:
    """Run the server until its last user has gone. Raises EmbeddedError if it ends by itself."""
    log = state.log(server.name)
    trim_log(log)
    process = server.start()
    users = state.open_lock(f"{server.name}.users")
    answers, trimmed = False, time.monotonic()
    try:
        while not try_lock(users):
            if process.poll() is not None:
                raise EmbeddedError(
                    f"{TITLES[server.name]} ended by itself ({process.returncode})."
                )
            if not answers and server.is_ready():
                answers = True
                lock.write(json.dumps({"url": server.url, "place": str(server.place)}) + "\n")
                lock.flush()
            if time.monotonic() - trimmed > 60:
                trim_log(log)
                trimmed = time.monotonic()
            time.sleep(0.2 if answers else 0.02)
    finally:
        lock.truncate(0)
        server.stop(process)
