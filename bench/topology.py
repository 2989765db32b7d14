"""The production topology on one machine, from Debian's packages and docs/production's own files.

    apt-get install nginx pgbouncer redis-server postgresql
    python bench/topology.py [--directory DIR] [--port PORT]      as root; Ctrl-C stops

nginx → two gunicorn, two uvicorn for streams; two workers and beat; pgbouncer (transaction mode) in
front of PostgreSQL, a streaming replica of it, Redis. Everything runs with the committed files;
only ports and paths are others. `bench/smoke.py` drives it, `bench/kills.py` kills its parts.
"""

import argparse
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lms_progress.embedded.children import dies_with_parent  # noqa: E402

FILES = ROOT / "docs" / "production"
START_SECONDS = 40


@dataclass
class Part:
    """One process of the topology, with its log."""

    name: str
    argv: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    user: str = ""
    stop_signal: int = signal.SIGTERM
    is_ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen | None = None

    def start(self, *, wait: bool = True) -> None:
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self.argv,
                cwd=ROOT,
                env=os.environ | self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=self.user or None,
                group=self.user or None,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        if wait:
            self.wait()

    def wait(self) -> None:
        """Waits until it answers. Raises RuntimeError if it ends or never answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} doesn't start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def send_signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def stop(self, seconds: float = 40) -> None:
        if self.process and self.process.poll() is None:
            self.send_signal(self.stop_signal)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Kills the process and all processes that it started (SIGKILL)."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()


class Topology:
    """All parts, by name, in the order in which they start."""

    def __init__(self, directory: Path, port: int):
        self.directory, self.port = directory, port
        self.url = f"http://127.0.0.1:{port}"
        names = [
            "web1",
            "web2",
            "streams1",
            "streams2",
            "pgbouncer",
            "postgres",
            "replica",
            "redis",
        ]
        self.ports = {name: port + offset for offset, name in enumerate(names, 1)}
        self.password, self.secret = secrets.token_hex(16), secrets.token_hex(32)
        self.parts: dict[str, Part] = {}

    # --- Up and down ---------------------------------------------------------------------------
    def __enter__(self) -> "Topology":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        for name in ("run", "log", "lib/static", "etc"):
            (self.directory / name).mkdir(parents=True)
        self.directory.chmod(0o755)
        # Who runs PostgreSQL and pgbouncer writes there too.
        for name in ("run", "log", "lib"):
            (self.directory / name).chmod(0o777)
        self._write_files()
        self._start_database()
        self._start_others()

    def stop(self) -> None:
        for part in reversed(self.parts.values()):
            part.stop(10)

    # --- What an operator does -------------------------------------------------------------------
    def manage(self, *arguments: str, database: str = "postgres", check: bool = True, **env) -> str:
        """Returns the output of a manage.py command, with a direct connection to the database."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment(database) | env,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def environment(self, database: str) -> dict[str, str]:
        return {
            "SECRET_KEY": self.secret,
            "DATABASE_URL": self.address(database),
            "REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "PUBLIC_URL": self.url,
            "STATIC_ROOT": str(self.directory / "lib" / "static"),
            "LOG_FORMAT": "json",
            "DJANGO_SETTINGS_MODULE": "lms_progress.settings",
        }

    def address(self, server: str, name: str = "lms") -> str:
        return f"postgres://lms:{self.password}@127.0.0.1:{self.ports[server]}/{name}"

    def drain(self, *names: str) -> None:
        """Marks processes as down in nginx: they get no new requests. Without names all are up."""
        text = self._render("upstreams.conf")
        for name in names:
            server = f"127.0.0.1:{self.ports[name]};"
            text = text.replace(server, server.replace(";", " down;"))
        (self.directory / "etc" / "upstreams.conf").write_text(text)
        self.parts["nginx"].send_signal(signal.SIGHUP)
        # nginx' new workers take over within a moment; the old ones finish what they have.
        time.sleep(1)

    def restart(self, name: str) -> None:
        """Drains the web process, restarts it, and takes it back into rotation."""
        self.drain(name)
        self.parts[name].stop()
        self.parts[name].start()
        self.drain()

    # --- Parts -----------------------------------------------------------------------------------
    def _start_database(self) -> None:
        self.make_server("postgres")
        copying = [self._binary("pg_basebackup"), *self._place("postgres"), "-R", "-X", "stream"]
        copy = self._data("replica")
        self._as_postgres(*copying, "-c", "fast", "-D", copy, PGPASSWORD=self.password)
        self._add_postgres("replica")

    def make_server(self, name: str) -> None:
        """A new PostgreSQL with an empty database, started."""
        password = self.directory / "lib" / "password"
        password.write_text(self.password)
        shutil.chown(password, "postgres")
        initdb = [self._binary("initdb"), "-D", self._data(name), "-U", "lms"]
        self._as_postgres(
            *initdb, "-A", "scram-sha-256", f"--pwfile={password}", "--locale=C.UTF-8"
        )
        password.unlink()
        self._add_postgres(name)
        createdb = [self._binary("createdb"), *self._place(name), "lms"]
        self._as_postgres(*createdb, PGPASSWORD=self.password)

    def _binary(self, name: str) -> str:
        return sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"))[-1]

    def _data(self, name: str) -> Path:
        return self.directory / "lib" / f"{name}-data"

    def _place(self, name: str) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.ports[name]), "-U", "lms"]

    def _add_postgres(self, name: str) -> None:
        argv = [self._binary("postgres"), "-D", self._data(name), "-p", self.ports[name]]
        argv += ["-k", self.directory / "run", "-c", "listen_addresses=127.0.0.1"]
        argv += ["-c", "shared_buffers=256MB"]
        asking = [self._binary("pg_isready"), "-q", *self._place(name)]
        self._add(
            name,
            argv,
            user="postgres",
            stop_signal=signal.SIGINT,  # without waiting for clients, and still cleanly
            is_ready=lambda: subprocess.run(asking, check=False).returncode == 0,
        )

    def _as_postgres(self, *argv, **env) -> None:
        subprocess.run(
            [str(part) for part in argv],
            env=os.environ | env,
            user="postgres",
            group="postgres",
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _start_others(self) -> None:
        redis = ["redis-server", "--port", self.ports["redis"], "--appendonly", "yes"]
        redis += ["--dir", self.directory / "lib", "--bind", "127.0.0.1"]
        self._add("redis", redis)
        bouncer = ["pgbouncer", self.directory / "etc" / "pgbouncer.ini"]
        self._add("pgbouncer", bouncer, user="postgres")
        self.manage("migrate", "--noinput")
        self.manage("collectstatic", "--noinput")
        for name in ("web1", "web2"):
            gunicorn = [sys.executable, "-m", "gunicorn", "--config", FILES / "gunicorn.conf.py"]
            self._add_ours(name, [*gunicorn, "lms_progress.wsgi"], PORT=str(self.ports[name]))
        for name in ("streams1", "streams2"):
            uvicorn = [sys.executable, "-m", "uvicorn", "lms_progress.asgi:application"]
            uvicorn += ["--timeout-graceful-shutdown", "3", "--no-access-log", "--no-proxy-headers"]
            uvicorn += ["--http", "lms_progress.bounded_heads:BoundedHeads"]
            self._add_ours(name, [*uvicorn, "--port", self.ports[name]])
        celery = [sys.executable, "-m", "celery", "--app", "lms_progress"]
        for name in ("worker1", "worker2"):
            worker = [*celery, "worker", "--concurrency", "2", "--hostname", f"{name}@%h"]
            self._add_ours(name, worker)
        self._add_ours("beat", [*celery, "beat", "--pidfile="])
        nginx = ["nginx", "-c", self.directory / "etc" / "nginx.conf", "-g", "daemon off;"]
        self._add("nginx", nginx, port=self.port, stop_signal=signal.SIGQUIT)

    def _add_ours(self, name: str, argv: list, **env: str) -> None:
        replica = {"DATABASE_REPLICA_URL": self.address("pgbouncer", "lms_replica")}
        environment = self.environment("pgbouncer") | replica | env
        if name in self.ports:
            ready = f"http://127.0.0.1:{self.ports[name]}/readyz"
            self._add(name, argv, env=environment, is_ready=lambda: _answers(ready))
        else:
            self._add(name, argv, env=environment)

    def _add(self, name: str, argv: list, *, port: int = 0, **more) -> None:
        port = port or self.ports.get(name, 0)
        if port and "is_ready" not in more:
            more["is_ready"] = lambda: _listens(port)
        log = self.directory / "log" / f"{name}.out"
        self.parts[name] = Part(name, [str(part) for part in argv], log, **more)
        self.parts[name].start()

    # --- Files -----------------------------------------------------------------------------------
    def _write_files(self) -> None:
        etc = self.directory / "etc"
        for name in ("nginx.conf", "upstreams.conf", "pgbouncer.ini"):
            (etc / name).write_text(self._render(name))
        (etc / "userlist.txt").write_text(f'"lms" "{self.password}"\n')

    def _render(self, name: str) -> str:
        """Returns a file of docs/production with this topology's paths and ports."""
        text = (FILES / name).read_text()
        here = str(self.directory)
        moved = {
            "/run/lms": f"{here}/run",
            "/var/log/lms": f"{here}/log",
            "/var/lib/lms": f"{here}/lib",
            "/etc/lms": f"{here}/etc",
            "/etc/pgbouncer": f"{here}/etc",
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "127.0.0.1:8001": f"127.0.0.1:{self.ports['web1']}",
            "127.0.0.1:8002": f"127.0.0.1:{self.ports['web2']}",
            "127.0.0.1:8011": f"127.0.0.1:{self.ports['streams1']}",
            "127.0.0.1:8012": f"127.0.0.1:{self.ports['streams2']}",
            "port=5432": f"port={self.ports['postgres']}",
            "port=5433": f"port={self.ports['replica']}",
            "listen_port = 6432": f"listen_port = {self.ports['pgbouncer']}",
        }
        # In one pass: a new path may contain an old one.
        either = "|".join(map(re.escape, moved))
        return re.sub(either, lambda found: moved[found[0]], text)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Adds the options of every script that starts a topology."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--directory", type=Path, default=Path("/var/lib/lms-topology"))
    parser.add_argument("--port", type=int, default=8100, help="nginx; the next eight are used too")
    return parser


def fresh(options: argparse.Namespace) -> Topology:
    """Returns a topology in an emptied directory. Raises SystemExit unless run by root."""
    if os.getuid() != 0:
        raise SystemExit("Run it as root: PostgreSQL and pgbouncer run as users of their own.")
    shutil.rmtree(options.directory, ignore_errors=True)
    return Topology(options.directory, options.port)


def main() -> None:
    with fresh(arguments(__doc__).parse_args()) as topology:
        print(f"Ready: {topology.url}/  Logs: {topology.directory}/log  Ctrl-C stops.", flush=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Stopping.")


if __name__ == "__main__":
    main()
