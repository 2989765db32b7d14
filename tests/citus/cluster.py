"""A Citus of several nodes on this machine, made for a test run: a coordinator and workers.

`CITUS_BINARIES` names the `bin` folder of a PostgreSQL whose library has Citus; without it the
tests that need one are skipped. Nothing here is durable, and no other machine can reach it.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg2

from lms_progress.embedded.children import dies_with_parent, end
from lms_progress.embedded.postgres_folders import popen_user, server_user

BINARIES = os.environ.get("CITUS_BINARIES", "")
DATABASE = "lms"
START_SECONDS = 60
SETTINGS = {
    "shared_preload_libraries": "citus",
    "listen_addresses": "127.0.0.1",
    "max_connections": "150",
    "max_prepared_transactions": "100",
    "max_worker_processes": "24",
    "wal_level": "logical",  # shards move while they are written to
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Two on a worker: a statement over all learners asks each of them.
    "citus.shard_count": "4",
    "citus.node_conninfo": "sslmode=disable",
    "citus.enable_statistics_collection": "off",
    # A worker that is away is noticed within the time that a request may take.
    "citus.node_connection_timeout": "3000",
}


class Node:
    """One PostgreSQL with Citus; it keeps its data and address when it is started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.data, self.user = folder, folder / "data", server_user()
        self.settings = SETTINGS | settings
        folder.mkdir()
        if os.geteuid() == 0:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "--pgdata", self.data, "--username", DATABASE, "--auth", "trust")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"postgres://{DATABASE}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        options = self.settings | {
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        with open(self.folder.with_suffix(".log"), "ab") as log:
            self.process = subprocess.Popen(
                [
                    f"{BINARIES}/postgres",
                    *("-D", str(self.data)),
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=dies_with_parent(signal.SIGQUIT),
                **popen_user(self.user),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.folder.with_suffix(".log").read_text()[-3000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """As if the machine were gone: no connection is ended in order."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def stop(self) -> None:
        end(self.process, (signal.SIGINT, 20), (signal.SIGQUIT, 10))

    def execute(self, *statements: str, database: str = DATABASE) -> list[tuple]:
        """Runs statements, each in a transaction of its own; the rows of the last."""
        address = f"postgres://{DATABASE}@127.0.0.1:{self.port}/{database}"
        with closing(psycopg2.connect(address)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        try:
            self.execute("SELECT 1", database="postgres")
        except psycopg2.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: Path | str) -> None:
        subprocess.run(
            [
                f"{BINARIES}/{program}",
                *map(str, arguments),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            **popen_user(self.user),
        )


class Cluster:
    """A coordinator without shards of its own, and its workers; `plan` distributed its tables."""

    plan = ""

    def __init__(self, workers: int = 2) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lms-citus-", dir="/tmp"))
        self.folder.chmod(0o711)
        self.coordinator = self._node("coordinator")
        self.workers = [self._node(f"worker{number}") for number in range(1, workers + 1)]

    def join_nodes(self) -> None:
        """Makes one Citus of the nodes; the coordinator may have tables already."""
        self.coordinator.execute(
            "CREATE EXTENSION citus",
            f"SELECT citus_set_coordinator_host('127.0.0.1', {self.coordinator.port})",
        )
        for worker in self.workers:
            self._join(worker)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_) -> None:
        for node in (self.coordinator, *self.workers):
            node.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_worker(self) -> Node:
        worker = self._node(f"worker{len(self.workers) + 1}")
        self.workers.append(worker)
        self._join(worker)
        return worker

    def _join(self, worker: Node) -> None:
        worker.execute("CREATE EXTENSION citus")
        self.coordinator.execute(f"SELECT citus_add_node('127.0.0.1', {worker.port})")

    def _node(self, name: str) -> Node:
        node = Node(self.folder / name)
        node.start()
        node.execute(f"CREATE DATABASE {DATABASE}", database="postgres")
        return node
