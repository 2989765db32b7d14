"""What an event costs from its body to its answer, without a server around it: CPU by part.

    python bench/recording.py [--rounds 5] [--cases alone,single,batch20,batch200] [--profile]

Deliveries of several learners are recorded together, as the recorder's thread does it, on a
database of the run's own, durable. Printed are CPU µs for each delivery: reading its body,
recording it, making its answer, and PostgreSQL's process. Medians of the rounds, which take turns.
Nothing that waits counts, so a busy machine spoils little; run it on two versions by turns.
`--profile` prints where the time goes, function by function (and makes all of it slower).
"""

import argparse
import cProfile
import itertools
import pstats
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import ScratchDatabase  # noqa: E402

# Events of a delivery (0: a flat one), deliveries in a group, groups in a round.
CASES = {
    "alone": (0, 1, 400),
    "single": (0, 8, 150),
    "batch20": (20, 8, 30),
    "batch200": (200, 3, 10),
}
PARTS = ("reading", "recording", "answering", "postgres")
LEARNERS = 120


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has had, exactly."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def deliver(learners, case: tuple[int, int, int], backend: int) -> list[float]:
    """Record a round. Returns CPU µs of a delivery by part."""
    from progress.api.employee.report import read_report, update_payload
    from progress.api.employee.responses import encode
    from progress.ingest.recording import record_together

    events, size, groups = case
    spent = [0.0] * len(PARTS)
    for _ in range(groups):
        group = [next(learners) for _ in range(size)]
        sent = [
            (each.report(events).partition(b"\r\n\r\n")[2], each.authorization.split()[1])
            for each in group
        ]
        before = cpu_of(backend)
        marks = [time.thread_time()]
        reports = [read_report(body, token, ends_session=False) for body, token in sent]
        deliveries = [each.delivery for each in reports]
        marks.append(time.thread_time())
        receipts = record_together(deliveries, lambda works: None)
        marks.append(time.thread_time())
        for receipt, report in zip(receipts, reports, strict=True):
            encode(update_payload(receipt, is_flat=report.is_flat))
        marks.append(time.thread_time())
        spent[3] += cpu_of(backend) - before
        for part, (begin, end) in enumerate(itertools.pairwise(marks)):
            spent[part] += end - begin
    return [seconds * 1e6 / size / groups for seconds in spent]


def show(case: str, rounds: list[list[float]]) -> None:
    events = max(CASES[case][0], 1)
    medians = [statistics.median(parts) for parts in zip(*rounds, strict=True)]
    python, postgres = sum(medians[:3]) / events, medians[3] / events
    print(
        f"{case:10}" + "".join(f"{part:11.0f}" for part in medians)
        + f"{python:10.1f}{postgres:10.1f}{python + postgres:10.1f}",
        flush=True,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    names = options.cases.split(",")
    with ScratchDatabase():
        from django.db import connection

        from bench.trackers import a_group
        from lms_progress.garbage_collection import freeze_loaded_objects
        from progress.api.employee import report

        report.take_here = lambda session: True  # without a throttle
        freeze_loaded_objects()  # as servers do
        learners = itertools.cycle(a_group(LEARNERS)[0][:LEARNERS])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
        found: dict[str, list[list[float]]] = {name: [] for name in names}
        profile = cProfile.Profile()
        for number in range(options.rounds + 1):
            if number and options.profile:
                profile.enable()
            for name in names:
                one = deliver(learners, CASES[name], backend)
                if number:
                    found[name].append(one)
        profile.disable()
    print("CPU µs    " + "".join(f"{part:>11}" for part in PARTS), end="")
    print("   python  postgres       all   of one event")
    for name, rounds in found.items():
        show(name, rounds)
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
