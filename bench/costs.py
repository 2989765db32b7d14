"""What a heartbeat, a stream, an enrolment and a reading cost: CPU by part, memory, storage.

    python bench/costs.py [--directory DIR] [--port PORT]      as root, outside CI

Starts the production topology and measures the CPU time of its processes while learners do one
thing only. CPU per request, not requests per second, is what carries over to other machines; the
load's own CPU isn't counted. The arithmetic is in docs/scaling.md.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg2  # noqa: E402

from bench.client import LONG_VIDEO, PLACE, Load, Stream, a_course, a_learner  # noqa: E402
from bench.smoke import open_site  # noqa: E402
from bench.topology import Topology, arguments, fresh  # noqa: E402

LEARNERS = 12
PAUSE = 0.15  # below what the throttle lets pass
SECONDS = 20
STREAMS = 1000
TIMES = 100
SHOWN = {
    "web": ["web1", "web2"],
    "database": ["postgres"],
    "pooler": ["pgbouncer"],
    "redis": ["redis"],
    "nginx": ["nginx"],
    "streams": ["streams1", "streams2"],
    "workers": ["worker1", "worker2", "beat"],
}


def processes(topology: Topology, names: list[str]) -> list[int]:
    """The ids of these parts and of all that they started."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    found = [topology.parts[name].process.pid for name in names]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_seconds(topology: Topology) -> dict[str, float]:
    """CPU time so far, by kind of part."""
    tick = os.sysconf("SC_CLK_TCK")
    spent = {}
    for kind, names in SHOWN.items():
        total = 0
        for pid in processes(topology, names):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            # Own time, and that of children that have ended.
            total += sum(int(field) for field in fields[11:15])
        spent[kind] = total / tick
    return spent


def cost(topology: Topology, work: Callable[[], int]) -> tuple[int, dict[str, float]]:
    """How often `work` says that it did something, and the CPU ms of each time by kind of part."""
    before = cpu_seconds(topology)
    count = work()
    after = cpu_seconds(topology)
    return count, {kind: (after[kind] - before[kind]) * 1000 / count for kind in SHOWN}


def show(what: str, count: int, spent: dict[str, float]) -> None:
    parts = ", ".join(f"{kind} {ms:.2f}" for kind, ms in spent.items() if ms >= 0.01)
    print(f"{what} ({count}): {sum(spent.values()):.2f} ms CPU: {parts}", flush=True)


def resident_bytes(topology: Topology, names: list[str]) -> int:
    page = os.sysconf("SC_PAGE_SIZE")
    pids = processes(topology, names)
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in pids)


def ask(topology: Topology, query: str) -> float:
    address = topology.address("postgres")
    with closing(psycopg2.connect(address)) as opened, opened.cursor() as cursor:
        cursor.execute(query)
        return float(cursor.fetchone()[0])


def heartbeats(people: list) -> int:
    with Load(people, pause=PAUSE) as load:
        time.sleep(SECONDS)
    assert not load.failures(), load.failures()
    print(f"heartbeats: {load.results[200] / SECONDS:.0f} a second, p95 {load.p95_ms():.0f} ms")
    return load.results[200]


WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
EVIDENCE = (
    "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits"
    " WHERE inhparent = 'progress_contentinteraction'::regclass"
)


def measure_heartbeats(topology: Topology, people: list) -> None:
    wal, evidence = ask(topology, WAL), ask(topology, EVIDENCE)
    count, spent = cost(topology, lambda: heartbeats(people))
    show("a heartbeat", count, spent)
    wal, evidence = ask(topology, WAL) - wal, ask(topology, EVIDENCE) - evidence
    print(f"a heartbeat: {wal / count:,.0f} bytes of WAL, {evidence / count:,.0f} of evidence")


def measure_streams(topology: Topology, site, learner) -> None:
    names = SHOWN["streams"]
    before = resident_bytes(topology, names)
    streams: list[Stream] = []

    def open_them() -> int:
        streams.extend(Stream(site, learner.stream_url) for _ in range(STREAMS))
        return STREAMS

    show("opening a stream", *cost(topology, open_them))
    grown = resident_bytes(topology, names) - before
    print(f"a stream: {grown / STREAMS / 1024:.0f} KiB in its process")

    def send_beats() -> int:
        beats = 10
        for _ in range(beats):
            assert learner.send(learner.beat()) == 200
        time.sleep(2)
        return beats * STREAMS

    count, spent = cost(topology, send_beats)
    show("a push to a stream", count, {"streams": spent["streams"], "nginx": spent["nginx"]})


def measure_the_rest(topology: Topology, site, course: dict, learner) -> None:
    def enroll() -> int:
        for number in range(TIMES):
            person = {"username": f"new{number}", "email": f"n{number}@example.org"}
            user_id = site.post("/api/learners/", person)["id"]
            site.post("/api/enrollments/", {"user_id": user_id, "course_id": course["id"]})
        return TIMES

    def read() -> int:
        path = f"{PLACE}/realtime_progress/{learner.user_id}/{course['id']}"
        for _ in range(TIMES):
            assert learner.site.ask("GET", path)[0] == 200
        return TIMES

    def report() -> int:
        for _ in range(TIMES):
            path = f"/api/enrollments/?course_id={course['id']}"
            assert site.ask("GET", path)[0] == 200
        return TIMES

    show("a learner and an enrolment", *cost(topology, enroll))
    show("a reading of a course", *cost(topology, read))
    show("a page of a report, 50 rows", *cost(topology, report))


def main() -> None:
    with fresh(arguments(__doc__).parse_args()) as topology:
        site = open_site(topology)
        course = a_course(site, "long", LONG_VIDEO)
        people = [a_learner(site, course, f"learner{i}") for i in range(LEARNERS)]
        heartbeats(people)  # warm
        measure_heartbeats(topology, people)
        measure_the_rest(topology, site, course, people[0])
        measure_streams(topology, site, people[0])


if __name__ == "__main__":
    main()
