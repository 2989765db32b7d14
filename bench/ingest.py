"""What a heartbeat costs, beside edx-completion, an empty Django view, DRF and pgbench.

    python bench/ingest.py [--rounds 3] [--seconds 4] [--at-once 16] [--cases single,batch20,…]
                           [--copies 0]

Everything runs on one PostgreSQL and one Valkey of the run's own (or those that DATABASE_URL and
REDIS_URL name), durable. Ours is the process that `bin/up` starts: one uvicorn. The others are
`bench/beside/neighbours.py` under gunicorn (one process of sixteen threads), in an environment of
their own that is made once under `--directory`. Rounds take turns after a warm one. CPU is that of
the processes that serve, not the load's; ratios travel to other machines, milliseconds don't.
At the end single events are sent at four fifths of their highest rate.

`--copies 170` makes the database large first: of each learner, who then has ten contents and a
hundred events, so many copies (600 learners: 100,000, with a million contents and ten million
events).
"""

import argparse
import itertools
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.comparison import CONTENTS, Beside, pgbench  # noqa: E402
from bench.filling import multiply  # noqa: E402
from bench.load import Round, median, request, run, run_at  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402
from bench.streams import Server, address_of_database  # noqa: E402

COURSES = 10
API = "/api/employee"


class Learner:
    """An enrolled learner with an open session."""

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

    def end(self) -> bytes:
        body = json.dumps({"session_id": self.session_id}).encode()
        return request(f"{API}/end_session", body, self.authorization)

    def read(self) -> bytes:
        path = f"{API}/realtime_progress/{self.user_id}/{self.course_id}"
        return request(path, b"", self.authorization, "GET")


def a_group(learners: int) -> tuple[list[Learner], list[bytes]]:
    """Learners spread over the courses; and requests that start a session for each.

    The second third of the group are the same learners on another device, the last on one whose
    sessions are to be ended.
    """
    from datetime import timedelta

    from django.utils import timezone

    from progress import ingest
    from progress.catalogue import replace_course
    from progress.ingest.enrolling import enroll
    from progress.models import Content, User
    from progress.security import tokens
    from tests.factories import an_integrator

    began = timezone.now() - timedelta(minutes=25)  # less than what ends a silent session
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
    devices: list[list[Learner]] = [[], [], []]
    for number in range(learners):
        user = User.objects.create(username=f"learner{number}", email=f"l{number}@example.org")
        course, contents = courses[number % COURSES]
        enroll(user.pk, course, now=began)
        for device in devices:
            session = ingest.start(user_id=user.pk, course_id=course, now=began).session
            claims = tokens.SessionClaims(session.pk, user.pk, course, session.enrollment_id)
            device.append(
                Learner(user.pk, course, contents, session.pk, tokens.issue_session_token(claims))
            )
    key = a_key(an_integrator("add_learningsession", "view_courseprogress"))
    starts = [
        request(
            f"{API}/start_session",
            json.dumps({"user_id": each.user_id, "course_id": each.course_id}).encode(),
            f"Token {key}",
        )
        for each in devices[0]
    ]
    return list(itertools.chain(*devices)), starts


def a_key(user) -> str:
    from progress.security.keys import make_key

    return make_key(user, lifetime=None)[1]


def turns(group: list[Learner], wire: Callable[[Learner], bytes]) -> Iterator[bytes]:
    return (wire(learner) for learner in itertools.cycle(group))


def by_turns(group: list[Learner]) -> Iterator[bytes]:
    """Of each learner both devices, one directly after the other."""
    third = len(group) // 3
    pairs = zip(group[:third], group[third : 2 * third], strict=True)
    return turns([each for pair in pairs for each in pair], lambda each: each.report(0))


def enlarge(group: list[Learner], copies: int) -> None:
    """Give each learner ten contents and a hundred events, and the database copies of them."""
    from django.utils import timezone

    from progress import ingest
    from progress.models import LearningSession

    for each in group:
        events = [
            each.event() | {"content_id": each.contents[number % 10]} for number in range(100)
        ]
        everybody = LearningSession.objects.all()
        ingest.record(
            ingest.delivery_to(everybody, each.session_id, events, sent_ms=None, now=timezone.now())
        )
    began = time.monotonic()
    for table, rows in multiply(copies).items():
        print(f"{table:32}{rows:12,}")
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)


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


def measure(
    options, cases: dict[str, tuple[int, Iterator[bytes]]], parts: dict[int, dict], tpcb
) -> tuple[dict[str, list[Round]], list[float]]:
    """Rounds of each case and of pgbench by turns, after a short one that warms up."""
    tps: list[float] = []
    found: dict[str, list[Round]] = {name: [] for name in cases}
    for number in range(options.rounds + 1):
        for name, (port, wires) in cases.items():
            seconds = options.seconds if number else min(options.seconds, 2)
            one = run(port, wires, at_once=options.at_once, seconds=seconds, processes=parts[port])
            if any(status not in {200, 201} for status in one.statuses):
                print(f"{name}: answers {one.statuses}")
            if number:
                found[name].append(one)
        if tpcb and number:
            tps.append(tpcb())
    return found, tps


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
    if "single" in found:
        show_ratios(found, tps)


def show_ratios(found: dict[str, list[Round]], tps: list[float]) -> None:
    """Of the same minutes: what a single event costs beside what it is compared with."""
    single = found["single"]
    for name in {"edx", "floor", "empty", "orm"} & set(found):
        ratio = median(found[name], lambda one: one.total_ms) / median(
            single, lambda one: one.total_ms
        )
        print(f"{name}: {ratio:.2f} times the CPU of a single event")
    if tps:
        middle, rate = statistics.median(tps), median(single, lambda one: one.per_second)
        print(f"pgbench TPC-B: {middle:.0f} a second; single events: {rate / middle:.0%} of them")


def show_steady(one: Round, per_second: float) -> None:
    print(
        f"single events, {per_second:.0f} a second (four fifths of the most): "
        f"p50 {one.percentile_ms(0.5):.1f} ms, p99 {one.percentile_ms(0.99):.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--learners", type=int, default=600)
    parser.add_argument("--directory", type=Path, default=Path("/tmp/bench-ingest"))
    parser.add_argument("--copies", type=int, default=0, help="of each learner's rows, at first")
    parser.add_argument("--cases", default="", help="names, separated by commas; all without")
    options = parser.parse_args()
    options.directory.mkdir(exist_ok=True, mode=0o711)
    with ScratchDatabase():
        from django.db import connection

        group, starts = a_group(options.learners)
        if options.copies:
            enlarge(group[: options.learners], options.copies)
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


def compare(options, everyone, starts, beside: Beside, database: str) -> None:
    group = everyone[: len(everyone) // 3]
    with Server() as server:
        cases = {
            "empty": (beside.port, beside.wires("/empty")),
            "floor": (beside.port, beside.wires("/floor")),
            "edx": (beside.port, beside.wires("/edx")),
            "orm": (beside.port, beside.wires("/orm")),
            "single": (server.port, turns(group, lambda each: each.report(0))),
            "envelope": (server.port, turns(group, lambda each: each.report(1))),
            "batch20": (server.port, turns(group, lambda each: each.report(20))),
            "batch200": (server.port, turns(group, lambda each: each.report(200))),
            "reading": (server.port, turns(group, Learner.read)),
            "devices": (server.port, by_turns(everyone)),
            "start": (server.port, itertools.cycle(starts)),
            # Each session ends once; what comes again is answered alike.
            "end": (server.port, turns(everyone[-len(group) :], Learner.end)),
        }
        wanted = set(options.cases.split(",")) if options.cases else {*cases, "pgbench"}
        cases = {name: case for name, case in cases.items() if name in wanted}
        parts = {
            server.port: processes_of(server.process.pid),
            beside.port: processes_of(beside.process.pid),
        }
        tpcb = partial(pgbench, database, int(options.seconds), options.at_once)
        found, tps = measure(options, cases, parts, tpcb if "pgbench" in wanted else None)
        show(found, tps)
        if "single" in found:
            per_second = 0.8 * max(one.per_second for one in found["single"])
            steady = run_at(
                *cases["single"],
                per_second=per_second,
                seconds=2 * options.seconds,
                processes=parts[server.port],
            )
            show_steady(steady, per_second)


if __name__ == "__main__":
    main()
