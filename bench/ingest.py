"""What a heartbeat costs, beside edx-completion, an empty Django view, DRF and pgbench.

    python bench/ingest.py [--rounds 3] [--seconds 4] [--at-once 16] [--copies 170]
                           [--streams 5000] [--cases edx,single,batch20,pgbench,…]

Everything runs on one PostgreSQL and one Valkey of the run's own (or those that DATABASE_URL and
REDIS_URL name), durable. Ours is the process that `bin/up` starts: one uvicorn. The others are
`bench/beside/neighbours.py` under gunicorn (one process of sixteen threads), in an environment of
their own that is made once under `--directory`. Rounds take turns after a warm one. CPU is that of
the processes that serve; `load` is what the load itself takes of the same cores for each request,
and `others` the share of all cores that belongs to neither: requests a second and latencies mean
something only while that is small. Ratios travel to other machines, milliseconds don't.

Further cases, once each: `steady` (single events at four fifths of their highest rate), `streams`
(opening them all), `old` (an enrolment of 200 hours beside a new one), `large` (single events in a
database with copies of each learner, by turns with the small one: 170 copies of 600 learners are
100,000 learners, a million contents and ten million events). The last table says which goals are
met. Without `--cases` all of it is measured.
"""

import argparse
import itertools
import os
import statistics
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import goals, growth, old_enrolment  # noqa: E402
from bench.comparison import Beside, pgbench  # noqa: E402
from bench.load import Round, median, run, run_at  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402
from bench.streams import Server, address_of_database, raise_file_limit  # noqa: E402
from bench.trackers import Learner, a_group, by_turns, turns  # noqa: E402

EVENTS = {"batch20": 20, "batch200": 200}
# Requests that are prepared for each second of a round: more than can be answered.
PREPARED = {"single": 3_000, "envelope": 3_000, "devices": 3_000, "batch20": 800, "batch200": 120}
IN_ROUNDS = ("empty", "floor", "edx", "orm", "single", "envelope", "batch20", "batch200")
IN_ROUNDS += ("reading", "devices", "start", "end")
ONCE = ("pgbench", "steady", "streams", "old", "large")


class Case(NamedTuple):
    """What is sent where, and the processes whose CPU that takes."""

    port: int
    wires: Iterator[bytes]
    processes: dict[str, int]


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


def cases_of(server: Server, beside: Beside, everyone: list[Learner], starts) -> dict[str, Case]:
    group = everyone[: len(everyone) // 3]
    theirs = partial(Case, beside.port, processes=processes_of(beside.process.pid))
    ours = partial(Case, server.port, processes=processes_of(server.process.pid))
    return {
        "empty": theirs(beside.wires("/empty")),
        "floor": theirs(beside.wires("/floor")),
        "edx": theirs(beside.wires("/edx")),
        "orm": theirs(beside.wires("/orm")),
        "single": ours(turns(group, lambda each: each.report(0))),
        "envelope": ours(turns(group, lambda each: each.report(1))),
        "batch20": ours(turns(group, lambda each: each.report(20))),
        "batch200": ours(turns(group, lambda each: each.report(200))),
        "reading": ours(turns(group, Learner.read)),
        "devices": ours(by_turns(everyone)),
        "start": ours(itertools.cycle(starts)),
        # Each session ends once; what comes again is answered alike.
        "end": ours(turns(everyone[-len(group) :], Learner.end)),
    }


# --- Rounds by turns -----------------------------------------------------------------------------
def measure(options, cases: dict[str, Case], tpcb) -> tuple[dict[str, list[Round]], list[float]]:
    """Rounds of each case and of pgbench by turns, after a short one that warms up."""
    tps: list[float] = []
    found: dict[str, list[Round]] = {name: [] for name in cases}
    for number in range(options.rounds + 1):
        for name, (port, wires, processes) in cases.items():
            seconds = options.seconds if number else min(options.seconds, 2)
            one = run(
                port,
                wires,
                at_once=options.at_once,
                seconds=seconds,
                processes=processes,
                prepared=int(PREPARED.get(name, 0) * seconds),
            )
            if any(status not in {200, 201} for status in one.statuses):
                print(f"{name}: answers {one.statuses}")
            if number:
                found[name].append(one)
        if tpcb and number:
            tps.append(tpcb())
    return found, tps


def show(found: dict[str, list[Round]]) -> None:
    edx = found.get("edx")
    edx_ms = median(edx, lambda one: one.total_ms) if edx else None
    head = f"{'case':10}{'req/s':>7}{'events/s':>10}{'p50 ms':>8}{'p99 ms':>8}"
    head += f"{'CPU ms':>8}{'web':>7}{'pg':>7}{'valkey':>8}{'x edx':>7}{'load':>7}{'others':>8}"
    print(head)
    for name, rounds in found.items():
        rate = median(rounds, lambda one: one.per_second)
        total = median(rounds, lambda one: one.total_ms)
        latencies = [median(rounds, lambda one, q=q: one.percentile_ms(q)) for q in (0.5, 0.99)]
        web, postgres, valkey = (
            median(rounds, lambda one, part=part: one.cpu_ms(part))
            for part in ("web", "postgres", "valkey")
        )
        load = median(rounds, lambda one: one.own_seconds * 1000 / len(one.latencies))
        ratio = f"{edx_ms / total:7.2f}" if edx_ms else f"{'':7}"
        print(
            f"{name:10}{rate:7.0f}{rate * EVENTS.get(name, 1):10,.0f}"
            f"{latencies[0]:8.1f}{latencies[1]:8.1f}"
            f"{total:8.2f}{web:7.2f}{postgres:7.2f}{valkey:8.2f}{ratio}{load:7.2f}"
            f"{median(rounds, lambda one: one.others_share):8.0%}",
            flush=True,
        )


def figures_of(found: dict[str, list[Round]], tps: list[float]) -> dict[str, float]:
    """What the goals ask of the rounds, as far as they were measured."""
    cpu_ms = {name: median(each, lambda one: one.total_ms) for name, each in found.items()}
    rates = {name: median(each, lambda one: one.per_second) for name, each in found.items()}
    ratios = {
        goals.SINGLE_TO_EDX: ("edx", "single"),
        goals.SINGLE_TO_EMPTY: ("empty", "single"),
        goals.READING: ("edx", "reading"),
    }
    figures = {
        figure: cpu_ms[other] / cpu_ms[ours]
        for figure, (other, ours) in ratios.items()
        if other in found and ours in found
    }
    figures |= {name: rates[name] * size for name, size in EVENTS.items() if name in rates}
    if "start" in found:
        figures[goals.START] = cpu_ms["start"]
    if tps and "single" in found:
        figures[goals.SINGLE_TO_TPCB] = rates["single"] / statistics.median(tps)
        print(f"pgbench TPC-B: {statistics.median(tps):.0f} transactions a second")
    return figures


# --- Once each -----------------------------------------------------------------------------------
def steady(options, case: Case, found: dict[str, list[Round]]) -> float:
    """p99 in ms at four fifths of the highest rate of single events."""
    per_second = 0.8 * max(one.per_second for one in found["single"])
    one = run_at(
        case.port,
        case.wires,
        per_second=per_second,
        seconds=2 * options.seconds,
        processes=case.processes,
    )
    print(
        f"single events, {per_second:.0f} a second: p50 {one.percentile_ms(0.5):.1f} ms, "
        f"p99 {one.percentile_ms(0.99):.1f} ms, others {one.others_share:.0%}",
        flush=True,
    )
    return one.percentile_ms(0.99)


def old_enrolment_ratio() -> float:
    old, new = old_enrolment.compare(hours=200, rounds=12, beats=40)
    print(
        f"old enrolment: p50 {old.p50 * 1000:.2f} ms and {new.p50 * 1000:.2f} in a new one; "
        f"CPU {old.cpu * 1000:.2f} ms and {new.cpu * 1000:.2f}",
        flush=True,
    )
    return old.p50 / new.p50


def large_ratio(options, small: Case, group: list[Learner], copy: str) -> float:
    with growth.large_database(copy, group, options.copies), Server() as server:
        large = (server.port, processes_of(server.process.pid))
        pair = growth.compare_sizes(
            large, (small.port, small.processes), small.wires, options.seconds / 2
        )
    (large_p50, large_cpu), (small_p50, small_cpu) = (
        (median(each, lambda one: one.percentile_ms(0.5)), median(each, lambda one: one.total_ms))
        for each in pair
    )
    print(
        f"large database: p50 {large_p50:.2f} ms and {small_p50:.2f} in a small one; "
        f"CPU {large_cpu:.2f} ms and {small_cpu:.2f}; "
        f"others {median(pair.large, lambda one: one.others_share):.0%}",
        flush=True,
    )
    return large_p50 / small_p50


# -------------------------------------------------------------------------------------------------
def compare(
    options, wanted: set[str], everyone, starts, beside: Beside, database: str, copy: str
) -> None:
    group = everyone[: len(everyone) // 3]
    with Server() as server:
        cases = cases_of(server, beside, everyone, starts)
        chosen = {name: case for name, case in cases.items() if name in wanted}
        tpcb = partial(pgbench, database, int(options.seconds), options.at_once)
        found, tps = measure(options, chosen, tpcb if "pgbench" in wanted else None)
        show(found)
        figures = figures_of(found, tps)
        if {"steady", "single"} <= wanted:
            figures[goals.STEADY] = steady(options, cases["single"], found)
        if "streams" in wanted:
            seconds = growth.open_streams(server.port, group, options.streams)
            figures[goals.STREAMS] = seconds
            print(f"{options.streams:,} streams open after {seconds:.1f} s", flush=True)
        if "large" in wanted and options.copies:
            figures[goals.LARGE] = large_ratio(options, cases["single"], group, copy)
        if "old" in wanted:
            figures[goals.OLD] = old_enrolment_ratio()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\nload average {load} on {os.cpu_count()} cores")
    print("\n".join(goals.rows(figures)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--learners", type=int, default=600)
    parser.add_argument("--streams", type=int, default=5000)
    parser.add_argument("--directory", type=Path, default=Path("/tmp/bench-ingest"))
    parser.add_argument("--copies", type=int, default=170, help="of each learner, for `large`")
    parser.add_argument("--cases", default="", help="names, separated by commas; all without")
    options = parser.parse_args()
    options.directory.mkdir(exist_ok=True, mode=0o711)
    wanted = set(options.cases.split(",")) if options.cases else {*IN_ROUNDS, *ONCE}
    if unknown := wanted - {*IN_ROUNDS, *ONCE}:
        parser.error(f"unknown cases: {', '.join(sorted(unknown))}")
    if "streams" in wanted:
        raise_file_limit(options.streams)
    with ScratchDatabase():
        from django.db import connection

        everyone, starts = a_group(options.learners)
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE beside_bench")
        ours = address_of_database()["DATABASE_URL"]
        beside_database = f"{ours.rpartition('/')[0]}/beside_bench"
        try:
            with (
                growth.database_copy() as copy,
                Beside(options.directory, beside_database, options.learners) as beside,
            ):
                compare(options, wanted, everyone, starts, beside, beside_database, copy)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP DATABASE beside_bench WITH (FORCE)")


if __name__ == "__main__":
    main()
