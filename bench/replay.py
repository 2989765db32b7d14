"""Replays real learners' video segments through the API, and compares what it made of them.

    python bench/replay.py [--statements FILE.parquet] [--learners N] [--processes N]

Learners, courses and sessions are made through the API's own doors in a database that is made for
the run and dropped afterwards. Each xAPI session becomes one learning session, played at normal
speed by a clock that is moved along: heartbeats every 15 s, delivered in batches as an offline
queue would. All videos form one course: some learners saw the same one under two course ids, and
what is compared is a learner and a video. A day later everything is delivered once more. Exits
with 1 unless coverage is the union of the played segments to the millisecond, the second replay
credits nothing, and at least 94 % of the pairs of learner and video that were reported as completed
end at 90 % or more.
"""

import argparse
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.replay_comparison import disagreements, stored_coverage, unfinished  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402
from bench.xapi import find_sittings, longest_lengths  # noqa: E402

STATEMENTS = ROOT.parent / "shared" / "data" / "fun_video" / "statements.parquet"
COLUMNS = ["actor", "verb", "object", "session", "length", "segments"]
BEAT_MS = 15_000
BATCH = 40  # ten minutes: less than the silence that ends a session
BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
NAMES = uuid.UUID("8a0f3f0e-66a8-4f43-9b67-3f2f7f2f4a10")
COMPLETED_SHARE = 0.94


@dataclass
class Run:
    """What one pass through all sittings sent and was answered."""

    events: int = 0
    requests: int = 0
    seconds: float = 0
    covered: float = 0
    credited: float = 0
    withheld: float = 0
    statuses: Counter = field(default_factory=Counter)

    def add(self, other: "Run") -> None:
        self.events += other.events
        self.requests += other.requests
        self.covered += other.covered
        self.credited += other.credited
        self.withheld += other.withheld
        self.statuses += other.statuses


@dataclass
class Report:
    """What the replay found."""

    learners: int
    pairs: int
    statements: int
    played_ms: int
    first: Run
    second: Run
    disagreements: list[str]
    completed: int
    exceptions: list[str]

    @property
    def share(self) -> float:
        return 1 - len(self.exceptions) / self.completed if self.completed else 1.0

    @property
    def is_good(self) -> bool:
        return (
            not self.disagreements
            and self.second.covered == self.second.credited == 0
            and self.share >= COMPLETED_SHARE
        )

    def lines(self, exceptions: int = 100) -> Iterable[str]:
        first, second = self.first, self.second
        yield f"learners             {self.learners:>10,}"
        yield f"learner-video pairs  {self.pairs:>10,}   from {self.statements:,} statements"
        yield f"events               {first.events:>10,}   in {first.requests:,} requests"
        yield f"seconds              {first.seconds:>10.1f}"
        yield f"events a second      {first.events / max(first.seconds, 0.001):>10,.0f}"
        yield f"played               {self.played_ms / 1000:>10,.0f} s"
        yield f"newly covered        {first.covered:>10,.0f} s, withheld {first.withheld:,.3f} s"
        yield f"disagreements        {len(self.disagreements):>10,}   with the union, to the ms"
        yield from (f"  {line}" for line in self.disagreements[:20])
        yield (
            f"second replay        {second.covered + second.credited:>10,.3f} s credited, "
            f"{second.statuses['duplicate']:,} duplicates"
        )
        yield (
            f"completed            {self.completed:>10,}   reported; "
            f"{100 * self.share:.1f} % of them end at 90 % or more"
        )
        yield from (f"  {line}" for line in self.exceptions[:exceptions])


def read_statements(path: Path, learners: int | None = None) -> list[dict]:
    """The parquet file's statements, of the first `learners` actors only if that is given."""
    # Pinned in research/requirements.txt: bin/test and bin/research install it.
    import pyarrow.parquet

    statements = pyarrow.parquet.read_table(path, columns=COLUMNS).to_pylist()
    if learners is None:
        return statements
    chosen = set(sorted({statement["actor"] for statement in statements})[:learners])
    return [statement for statement in statements if statement["actor"] in chosen]


# --- The world they learn in ---------------------------------------------------------------------
@dataclass
class World:
    """The ids that the API gave to the course, its videos and its learners."""

    course: int
    contents: dict[str, int]
    users: dict[str, int]


class Api:
    """The API as an integrator's server calls it, with the key of its account."""

    def __init__(self, key: str):
        from rest_framework.test import APIClient

        self.client = APIClient()
        self.client.credentials(HTTP_AUTHORIZATION=f"Token {key}")

    def post(self, path: str, body: dict, *, token: str | None = None) -> dict:
        headers = {"authorization": f"Session {token}"} if token else {}
        answer = self.client.post(f"/api/{path}", body, format="json", headers=headers)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.content[:500]}")
        return answer.json()


def service_key() -> str:
    from django.contrib.auth.models import Permission
    from knox.models import AuthToken

    from progress.models import User

    account = User.objects.create_user("replay")
    names = [f"{verb}_{model}" for verb in ("add", "change", "view") for model in _MODELS]
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    return AuthToken.objects.create(account, expiry=None)[1]


_MODELS = ("user", "course", "enrollment", "learningsession")


def make_world(api: Api, statements: list[dict], lengths: dict[str, int]) -> World:
    """A course of every video at its longest reported length; all learners enrolled."""
    answer = api.post("courses/", _document(lengths))
    contents = {content["code"]: content["id"] for content in answer["modules"][0]["contents"]}
    world = World(answer["id"], contents, {})
    for actor in sorted({statement["actor"] for statement in statements}):
        world.users[actor] = api.post("learners/", {"username": actor})["id"]
        api.post("enrollments/", {"user_id": world.users[actor], "course_id": world.course})
    return world


def _document(lengths: dict[str, int]) -> dict:
    contents = [
        {"code": video, "content_type": "video", "duration_seconds": length / 1000}
        for video, length in sorted(lengths.items())
    ]
    modules = [{"code": "videos", "title": "Videos", "contents": contents}]
    return {"code": "replay", "title": "What was played", "modules": modules}


# --- Playing it back -----------------------------------------------------------------------------
def replay(key: str, world: World, sittings: list, *, late: timedelta, processes: int) -> Run:
    """Deliver every sitting, its learners shared out among the processes.

    `late`: how much later than it happened the server hears of it.
    """
    started = time.perf_counter()
    if processes == 1:
        run = _replay_some(key, world, sittings, late)
    else:
        run = _share_out(key, world, sittings, late, processes)
    run.seconds = time.perf_counter() - started
    return run


def _share_out(key, world, sittings, late, processes) -> Run:
    from django.db import connections

    # Each process has connections of its own.
    connections.close_all()
    actors = sorted({sitting.actor for sitting in sittings})
    turns = {actor: number % processes for number, actor in enumerate(actors)}
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        parts = [
            pool.submit(
                _replay_some, key, world, [s for s in sittings if turns[s.actor] == turn], late
            )
            for turn in range(processes)
        ]
        whole = Run()
        for part in parts:
            whole.add(part.result())
    return whole


def _replay_some(key: str, world: World, sittings: list, late: timedelta) -> Run:
    """A learner's sittings follow each other, an hour apart."""
    import time_machine

    api, run = Api(key), Run()
    free_from: dict[str, datetime] = {}
    with time_machine.travel(BEGIN, tick=False) as clock:
        for sitting in sittings:
            moment = free_from.get(sitting.actor, BEGIN)
            end = _sit(api, world, sitting, moment, late, clock, run)
            free_from[sitting.actor] = end + timedelta(hours=1)
    return run


def _sit(api, world, sitting, moment, late, clock, run) -> datetime:
    """One session: start, batches of heartbeats as time goes by, end. Answers when it ended."""
    name = uuid.uuid5(NAMES, f"{sitting.actor}/{sitting.session}")
    clock.move_to(moment + late)
    session = api.post(
        "employee/start_session",
        {
            "course_id": world.course,
            "user_id": world.users[sitting.actor],
            "client_session_id": str(name),
        },
    )
    known = {"session_id": session["session_id"]}
    beats = list(_beats(world, sitting, name, moment))
    for at in range(0, len(beats), BATCH):
        batch = beats[at : at + BATCH]
        moment = batch[-1][0]
        clock.move_to(moment + late)
        batch_body = known | {
            "events": [event for _, event in batch],
            "sent_at": moment.isoformat(),
        }
        _count(
            api.post("employee/update_progress", batch_body, token=session["session_token"]), run
        )
    api.post("employee/end_session", known, token=session["session_token"])
    run.requests += 2
    return moment


def _beats(world, sitting, name, moment):
    """(when, event): each played stretch in pieces of a heartbeat, at normal speed."""
    number = 0
    for video, (start, end) in sitting.played:
        for at in range(start, end, BEAT_MS):
            to = min(at + BEAT_MS, end)
            moment += timedelta(milliseconds=to - at)
            number += 1
            yield (
                moment,
                {
                    "event_id": str(uuid.uuid5(name, str(number))),
                    "sequence": number,
                    "occurred_at": moment.isoformat(),
                    "content_id": world.contents[video],
                    "interaction_type": "progress",
                    "segments": [[at / 1000, to / 1000]],
                    "position": to / 1000,
                    "duration_seconds": (to - at) / 1000,
                },
            )


def _count(answer: dict, run: Run) -> None:
    run.requests += 1
    for event in answer["events"]:
        run.events += 1
        run.statuses[event["status"]] += 1
        run.covered += event["covered_seconds"]
        run.credited += event["credited_seconds"]
        run.withheld += event["withheld_seconds"] + event["withheld_active_seconds"]


# --- The whole ------------------------------------------------------------------------------------
def run_all(statements: list[dict], processes: int = 1) -> Report:
    """The whole replay in the current database, which must be empty of its courses."""
    lengths = longest_lengths(statements)
    statements = [statement for statement in statements if statement["object"] in lengths]
    sittings = find_sittings(statements)
    key = service_key()
    world = make_world(Api(key), statements, lengths)
    first = replay(key, world, sittings, late=timedelta(0), processes=processes)
    stored = stored_coverage(world)
    wrong = disagreements(world, sittings, lengths, stored)
    completed, exceptions = unfinished(world, statements, sittings, lengths, stored)
    second = replay(key, world, sittings, late=timedelta(days=1), processes=processes)
    if stored_coverage(world) != stored:
        wrong.append("the second replay changed the stored coverage")
    return Report(
        learners=len(world.users),
        pairs=len({(s.actor, video) for s in sittings for video, _ in s.played}),
        statements=len(statements),
        played_ms=sum(end - start for s in sittings for _, (start, end) in s.played),
        first=first,
        second=second,
        disagreements=wrong,
        completed=completed,
        exceptions=exceptions,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--statements", type=Path, default=STATEMENTS)
    parser.add_argument("--learners", type=int, help="only so many")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if not options.statements.exists():
        sys.exit(f"{options.statements} isn't here; name another with --statements.")
    with ScratchDatabase():
        statements = read_statements(options.statements, options.learners)
        report = run_all(statements, options.processes)
    print("\n".join(report.lines()))
    sys.exit(not report.is_good)


if __name__ == "__main__":
    main()
