"""What every dashboard page and report costs on a large organisation.

    python manage.py demo --learners 5000 --weeks 12
    python bench/analytics.py [--times 5]

Opens each as the organisation's manager, in this process, over all courses and twelve weeks: the
number of statements, and the median of the times after a first one, in ms. Exits with 1 when any
needs more than 15 statements or 300 ms.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")

import django

from lms_progress import embedded

# As manage.py does: the servers of a running bin/up with the same STATE_DIR, or own ones.
embedded.prepare(["bench", "shell"])
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bench.dashboards import dashboards  # noqa: E402
from lms_progress.demo.organisation.build import MANAGER  # noqa: E402
from progress.models import User  # noqa: E402

MAX_STATEMENTS, MAX_MS = 15, 300


class Statements:
    """Counts what is asked of the database."""

    def __init__(self):
        self.count = 0

    def __call__(self, execute, *arguments):
        self.count += 1
        return execute(*arguments)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    reader = User.objects.get(username=MANAGER)
    client = Client(HTTP_HOST="localhost")
    client.force_login(reader)
    dear = []
    print(f"{'':34}{'statements':>11}{'ms':>8}")
    for name, address in dashboards(reader).items():
        seen = Statements()
        with connection.execute_wrapper(seen):
            answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}")
        took = statistics.median(_timed(client, address) for _ in range(times))
        print(f"{name:34}{seen.count:11}{took:8.0f}")
        if seen.count > MAX_STATEMENTS or took > MAX_MS:
            dear.append(name)
    if dear:
        print("too dear:", ", ".join(dear))
    return bool(dear)


def _timed(client: Client, address: str) -> float:
    begin = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    sys.exit(main())
