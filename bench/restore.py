"""Drills a backup: dump under load, restore into an empty server, compare.

    python bench/restore.py [--directory DIR] [--port PORT]      as root, outside CI

Starts the production topology, lets learners learn, dumps while they do, restores into a database
server that was made for it, and exits with 1 unless `check_progress` agrees there and
every event is there that was acknowledged before the dump began.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg2  # noqa: E402

from bench.client import LONG_VIDEO, Load, a_course, a_learner  # noqa: E402
from bench.smoke import open_site  # noqa: E402
from bench.topology import Topology, arguments, fresh  # noqa: E402

LEARNERS = 20


def run(script: str, file: Path, address: str) -> float:
    """Run bin/backup or bin/restore; its seconds."""
    began = time.monotonic()
    environment = os.environ | {"DATABASE_URL": address}
    subprocess.run([ROOT / "bin" / script, file], env=environment, check=True)
    return time.monotonic() - began


def an_empty_server(topology: Topology) -> str:
    """The address of a server that knows nothing, in place of the replica."""
    topology.parts["replica"].stop()
    shutil.rmtree(topology.directory / "lib" / "replica-data")
    topology.make_server("replica")
    return topology.address("replica")


def events(address: str) -> set[str]:
    with closing(psycopg2.connect(address)) as opened, opened.cursor() as cursor:
        cursor.execute(
            "SELECT event_id::text FROM progress_contentinteraction WHERE status = 'accepted'"
        )
        return {event_id for (event_id,) in cursor.fetchall()}


def main() -> None:
    with fresh(arguments(__doc__).parse_args()) as topology:
        site = open_site(topology)
        course = a_course(site, "long", LONG_VIDEO)
        people = [a_learner(site, course, f"learner{i}") for i in range(LEARNERS)]
        file = topology.directory / "lib" / "backup.dump"
        with Load(people, pause=0.25, must_arrive=True) as load:
            time.sleep(5)
            before = {event for learner in people for event in learner.acknowledged}
            dumped = run("backup", file, topology.address("postgres"))
        copy = an_empty_server(topology)
        restored = run("restore", file, copy)
        missing = before - events(copy)
        print(f"dumped {dumped:.1f} s, {file.stat().st_size:,} bytes, under load")
        print(f"failed requests meanwhile: {load.failures() or 'none'}; restored {restored:.1f} s")
        print(f"acknowledged before the dump {len(before)}, missing {len(missing)}")
        print(topology.manage("check_progress", database="replica").strip())
        if missing or load.failures():
            raise SystemExit("It isn't so.")
    print("All of it is so.")


if __name__ == "__main__":
    main()
