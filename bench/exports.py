"""How long a table of a million rows takes as a file, and how much memory.

    python bench/exports.py [--rows 1000000]

Rows of ten columns are made up on the way, so that what is measured is the writing. Exits with 1
when memory grows by more than 32 MB.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

MAX_MB = 32
HEADS = ["number", "name", "user", "mail", "department", "course", "at", "done", "seconds", "yes"]


def rows(count: int) -> Iterator[tuple]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(count):
        yield (
            n,
            f"Learner {n % 9973}",
            f"learner-{n}",
            f"learner-{n}@example.org",
            "Service",
            "Working at height",
            begin + timedelta(seconds=n),
            n % 101,
            n % 4000,
            n % 2 == 0,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    count = parser.parse_args().rows

    from progress.files import downloads, spreadsheet
    from progress.files.spreadsheet import Style

    styles = [*[Style.PLAIN] * 6, Style.MOMENT, Style.PLAIN, Style.DURATION, Style.PLAIN]
    ways = {
        "csv": lambda: downloads.csv_lines(HEADS, rows(count)),
        "xlsx": lambda: spreadsheet.xlsx("Learners", HEADS, styles, rows(count)),
    }
    print(f"{'':6}{'seconds':>9}{'MB':>8}{'first byte':>12}{'memory':>10}")
    most = 0.0
    for name, parts in ways.items():
        before = _memory()
        begin = time.perf_counter()
        first, size = None, 0
        for part in parts():
            first = first or time.perf_counter() - begin
            size += len(part)
        took, grown = time.perf_counter() - begin, _memory() - before
        most = max(most, grown)
        print(f"{name:6}{took:9.1f}{size / 1e6:8.1f}{first or 0:10.3f} s{grown:+7.1f} MB")
    return most > MAX_MB


def _memory() -> float:
    """Returns the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")
    sys.exit(main())
