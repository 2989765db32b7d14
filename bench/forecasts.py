"""How long it takes to forecast everybody.

    python bench/forecasts.py [--enrollments 5000] [--courses 5]

In a database that is made for the run and dropped afterwards: the open enrolments of bench/risk.py,
at all stages of courses of twenty contents, are read and forecast by the nightly job's function,
and the forecasts written. Exits with 1 unless it took 60 s of this process at most.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.risk import fill  # noqa: E402
from bench.scratch import ScratchDatabase  # noqa: E402

LIMIT_SECONDS = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enrollments", type=int, default=5_000)
    parser.add_argument("--courses", type=int, default=5)
    options = parser.parse_args()
    with ScratchDatabase():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext
        from django.utils import timezone

        from analytics.facts.forecast import forecasting
        from analytics.models import ForecastRecord
        from progress.jobs import Run

        fill(options.enrollments, options.courses)
        seconds = []
        for _ in range(2):  # the first writes new rows, the second changes them
            now = timezone.now()
            began, spent = time.perf_counter(), time.process_time()
            with CaptureQueriesContext(connection) as captured:
                forecasting.forecast_all(now, run=Run("bench", now))
            seconds.append((time.perf_counter() - began, time.process_time() - spent))
        kept = ForecastRecord.objects.count()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"enrolments        {options.enrollments:>9,}  in {options.courses} courses")
    print(f"forecasts kept    {kept:>9,}")
    for name, (wall, own) in zip(("first", "again"), seconds, strict=True):
        print(f"{name:<17} {wall:>9.1f} s, {own:.1f} s of them in this process")
    print(f"statements        {len(captured):>9,}  again")
    print(f"memory            {peak:>9.0f} MB at most")
    return 0 if max(own for _, own in seconds) <= LIMIT_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
