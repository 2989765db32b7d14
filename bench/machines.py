"""What a Citus of several nodes costs beside one PostgreSQL, in the same minutes.

    CITUS_BINARIES=/path/to/postgresql/bin python bench/machines.py [--learners 40] [--rounds 6]

Both have the same binaries and settings, and a web process of their own; a coordinator and two
workers stand against one server. Rounds alternate between the two. The time of a request is the
client's; CPU is that of the web process, of the one PostgreSQL or the coordinator, and of workers.
"""

import argparse
import os
import statistics
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lms_progress.embedded import keeper  # noqa: E402
from lms_progress.embedded.state import State  # noqa: E402
from tests.citus.cluster import Cluster  # noqa: E402
from tests.citus.distributed import apply, environment, manage  # noqa: E402
from tests.citus.learners import Reporter, begin  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
CASES = {"single event": 1, "batch of 20": 20, "batch of 200": 200}


@dataclass
class Side:
    """A database with a web process and learners."""

    name: str
    cluster: Cluster
    distributed: bool
    times: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, tuple[float, ...]] = field(default_factory=dict)  # web, database, workers

    def start(self, learners: int, folder: Path) -> None:
        from tests.conftest import Site  # only now: it imports models

        settings = environment(self.cluster, distributed=self.distributed)
        self.site = Site(settings, folder / f"{self.name}.log")
        self.site.start()
        self.learners = begin(self.cluster, learners, distributed=self.distributed)

    def round(self, case: str, *, is_kept: bool) -> None:
        before = self._cpu()
        for learner in self.learners:
            began = time.perf_counter()
            _send(learner, self.site.url, CASES[case])
            if is_kept:
                self.times.setdefault(case, []).append(time.perf_counter() - began)
        if is_kept:
            so_far = self.cpu.get(case, (0,) * len(before))
            sums = zip(so_far, before, self._cpu(), strict=True)
            self.cpu[case] = tuple(known + end - start for known, start, end in sums)

    def _cpu(self) -> tuple[float, ...]:
        """Seconds of the web process, of the one PostgreSQL or the coordinator, and of workers."""
        parts = [self.site], [self.cluster.coordinator], self.cluster.workers
        return tuple(sum(_seconds_of(each.process.pid) for each in part) for part in parts)


def _send(learner: Reporter, site: str, events: int) -> None:
    if events == 1:
        assert learner.report(site) == 200
        return
    batch = [learner.event(str(uuid.uuid4()), at % 60) for at in range(events)]
    assert learner.post(site, {"session_id": learner.session, "events": batch}) == 200


def _seconds_of(root: int) -> float:
    """CPU of a process, its children and what of those has ended."""
    total, stack = 0.0, [root]
    while stack:
        pid = stack.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            continue
        total += sum(map(int, fields[11:15])) / TICKS
        stack += map(int, children)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=6)
    chosen = parser.parse_args()
    os.environ.setdefault("SECRET_KEY", "bench" * 12)
    broker = keeper.join(State.from_environment(), "valkey", fast=True)
    os.environ["REDIS_URL"] = broker.url
    with Cluster(workers=0) as plain, Cluster(workers=2) as citus:
        os.environ["DATABASE_URL"] = plain.coordinator.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "lms_progress.settings"
        django.setup()
        sides = [Side("one PostgreSQL", plain, False), Side("Citus", citus, True)]
        for side in sides:
            manage(side.cluster, "migrate", "--verbosity", "0", distributed=False)
        plan = manage(citus, "distribution_plan", distributed=False)
        citus.join_nodes()
        apply(citus, plan)
        try:
            for side in sides:
                side.start(chosen.learners, citus.folder)
            for number in range(-1, chosen.rounds):
                for case in CASES:
                    for side in sides[:: 1 if number % 2 else -1]:
                        side.round(case, is_kept=number >= 0)
            _print(sides)
        finally:
            for side in sides:
                if hasattr(side, "site"):
                    side.site.stop()


def _print(sides: list[Side]) -> None:
    names = ("p50 ms", "p95 ms", "CPU ms", "web", "database", "workers")
    print(f"{'':34}" + "".join(f"{name:>9}" for name in names))
    for case in CASES:
        for side in sides:
            times = sorted(side.times[case])
            p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
            cpu = [seconds / len(times) for seconds in side.cpu[case]]
            figures = "".join(f"{figure * 1e3:9.1f}" for figure in (p50, p95, sum(cpu), *cpu))
            print(f"{case:16}{side.name:18}{figures}")


if __name__ == "__main__":
    main()
