"""Whether a process grows while trackers report to it.

    python bench/memory.py [--minutes 30] [--per-second 40] [--learners 200]

Starts the real ASGI application on a database made for the run and sends it what trackers send, at
a steady rate: of ten requests eight single events, a batch of twenty and a reading. Prints the
resident memory each minute, and how much it grows in an hour by the line through all minutes but
the first five, in which caches fill. Exits with 1 when that is more than 10 MB an hour, or when a
request isn't answered with 200.
"""

import argparse
import itertools
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.load import run_at  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402
from bench.streams import Server  # noqa: E402
from bench.trackers import Learner, a_group  # noqa: E402

WARM_MINUTES = 5
MAX_MB_AN_HOUR = 10


def mixed(group: list[Learner]) -> Iterator[bytes]:
    for number, learner in enumerate(itertools.cycle(group)):
        if number % 10 == 8:
            yield learner.report(20)
        elif number % 10 == 9:
            yield learner.read()
        else:
            yield learner.report(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--per-second", type=float, default=40)
    parser.add_argument("--learners", type=int, default=200)
    options = parser.parse_args()
    if options.minutes < WARM_MINUTES + 2:
        parser.error(f"at least {WARM_MINUTES + 2} minutes")
    with ScratchDatabase():
        group = a_group(options.learners)[0][: options.learners]
        with Server() as server:
            found = watch(server, mixed(group), options)
    slope = statistics.linear_regression(*zip(*found[WARM_MINUTES:], strict=True)).slope * 60
    print(f"{slope:+.1f} MB an hour, over the last {len(found) - WARM_MINUTES} minutes")
    if slope > MAX_MB_AN_HOUR:
        sys.exit(1)


def watch(server: Server, wires: Iterator[bytes], options) -> list[tuple[int, float]]:
    """The minute and the memory after it, for each minute of the load."""
    found = []
    for minute in range(1, options.minutes + 1):
        load = run_at(server.port, wires, per_second=options.per_second, seconds=60, processes={})
        memory = server.megabytes()
        print(f"{minute:4} min {len(load.latencies):8,} requests {memory:8.1f} MB", flush=True)
        if set(load.statuses) != {200}:
            sys.exit(f"answers: {load.statuses}")
        found.append((minute, memory))
    return found


if __name__ == "__main__":
    main()
