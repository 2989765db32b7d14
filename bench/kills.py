"""Kills each part of the production topology with kill -9, again and again, under load.

    python bench/kills.py [--times 10] [--directory DIR] [--port PORT]      as root, outside CI

Learners send events all the time, and again until they are acknowledged, as a tracker does; others
complete a course. Exits with 1 unless every acknowledged event is there exactly once, every
completion was handed on, and `check_progress` finds no drift.
"""

import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psycopg2  # noqa: E402

from bench.client import (  # noqa: E402
    EMBED,
    LONG_VIDEO,
    Learner,
    Load,
    Site,
    a_course,
    a_learner,
    until,
)
from bench.smoke import open_site  # noqa: E402
from bench.topology import Topology, arguments, fresh  # noqa: E402

PARTS = ["streams1", "web1", "worker1", "beat", "redis", "postgres"]
LEARNERS = 8
PAUSE = 0.25
DOWN_SECONDS = 1.0
SETTLE_SECONDS = 240


def kill_and_start(topology: Topology, name: str) -> float:
    """Kill a part, leave it dead for a moment; the seconds from its start until it answers."""
    part = topology.parts[name]
    part.kill()
    time.sleep(DOWN_SECONDS)
    began = time.monotonic()
    for attempt in range(10):
        try:
            part.start()
            break
        except RuntimeError:
            # PostgreSQL's orphans need a moment to notice before another may start.
            if attempt == 9:
                raise
            time.sleep(0.5)
    return time.monotonic() - began


def complete(learner: Learner) -> None:
    """Complete the short course, however often it takes."""
    event = learner.complete("embed")
    while True:
        try:
            if learner.send(event) == 200:
                return
        except OSError:
            pass  # it is being killed just now
        time.sleep(0.3)


def kill_under_load(topology: Topology, name: str, times: int, people: list, leavers: list) -> None:
    with Load(people, pause=PAUSE, must_arrive=True) as load:
        time.sleep(1)
        back = []
        for _ in range(times):
            back.append(kill_and_start(topology, name))
            complete(leavers.pop())
        time.sleep(1)
    slowest = max(load.seconds, default=0)
    print(
        f"{name:9} {times} kills, back in {max(back):.1f} s at most; {load.results[200]} events, "
        f"{sum(load.failures().values())} tries failed {load.failures()}, slowest {slowest:.1f} s",
        flush=True,
    )


def waiting(topology: Topology) -> int:
    """Messages that no receiver has got yet."""
    return _ask(topology, "SELECT count(*) FROM progress_outboxmessage WHERE sent_at IS NULL")[0][0]


def check(topology: Topology, people: list[Learner], completed: int) -> None:
    seconds = until(lambda: waiting(topology) == 0, SETTLE_SECONDS, "every message sent")
    print(f"the last message was sent {seconds:.0f} s after the last kill")
    acknowledged = [event for learner in people for event in learner.acknowledged]
    rows = _ask(
        topology,
        "SELECT event_id::text FROM progress_contentinteraction WHERE status = 'accepted'",
    )
    stored = Counter(event_id for (event_id,) in rows)
    lost = [event for event in acknowledged if not stored[event]]
    twice = [event for event, count in stored.items() if count > 1]
    messages = _ask(topology, "SELECT count(*) FROM progress_outboxmessage")[0][0]
    print(f"acknowledged {len(acknowledged)}, lost {len(lost)}, twice {len(twice)}")
    print(f"completed {completed}, handed on {messages}")
    print(topology.manage("check_progress").strip())
    if lost or twice or messages != completed:
        raise SystemExit("It isn't so.")


def _ask(topology: Topology, query: str) -> list[tuple]:
    with psycopg2.connect(topology.address("postgres")) as opened, opened.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def make_people(site: Site, completions: int) -> tuple[list[Learner], list[Learner]]:
    long, short = a_course(site, "long", LONG_VIDEO), a_course(site, "short", EMBED)
    people = [a_learner(site, long, f"learner{i}") for i in range(LEARNERS)]
    return people, [a_learner(site, short, f"leaver{i}") for i in range(completions)]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--times", type=int, default=10, help="kills of each part")
    options = parser.parse_args()
    completions = options.times * len(PARTS)
    with fresh(options) as topology:
        people, leavers = make_people(open_site(topology), completions)
        everybody = [*people, *leavers]
        for name in PARTS:
            kill_under_load(topology, name, options.times, people, leavers)
        check(topology, everybody, completions)
    print("All of it is so.")


if __name__ == "__main__":
    main()
