"""What the pages that people open most cost the server, on a large organisation.

    python manage.py demo --learners 5000 --weeks 12
    python bench/pages.py [--times 10] [--only NAME] [--profile NAME]

Opens each in this process, a learner's as that learner and those of the admin as the organisation's
manager, over all courses and twelve weeks. Prints the statements, and the CPU time of Python and of
PostgreSQL in ms, after a first call. Exits with 1 when any needs more than 15 statements or 100 ms
of both together. `--only NAME` measures those whose name begins so.
"""

import argparse
import cProfile
import os
import pstats
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
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from analytics.facts.rollups import dropouts  # noqa: E402
from bench.backend import backend_seconds  # noqa: E402
from bench.dashboards import dashboards  # noqa: E402
from lms_progress.demo.organisation.build import MANAGER  # noqa: E402
from progress.models import Content, CourseProgress, User  # noqa: E402

MAX_STATEMENTS, MAX_MS = 15, 100
# Lists of the admin that most of its readers open.
LISTS = ("user", "enrollment", "courseprogress")


def pages() -> list[tuple[str, User, str]]:
    """Name, reader and address of each; the learner is a busy one, in the middle of a course."""
    progress = (
        CourseProgress.objects.filter(completed_at=None, course__code__startswith="org-")
        .order_by("-total_sessions", "pk")
        .select_related("user")
        .first()
    )
    learner, course = progress.user, progress.course_id
    manager = User.objects.get(username=MANAGER)
    found = [
        ("my learning", learner, reverse("my-learning")),
        ("course", learner, reverse("course", args=[course])),
    ]
    contents = Content.objects.active().filter(module__course=course).order_by("position", "pk")
    for kind in contents.order_by().values_list("content_type", flat=True).distinct():
        content = contents.filter(content_type=kind).first()
        found.append((f"player ({kind})", learner, reverse("content", args=[course, content.pk])))
    addresses = dashboards(manager)
    addresses |= {f"list of {name}": reverse(f"admin:progress_{name}_changelist") for name in LISTS}
    found += [(f"admin: {name}", manager, address) for name, address in addresses.items()]
    return found


class Statements(list):
    """What is asked of the database."""

    def __call__(self, execute, sql, *arguments):
        self.append(sql)
        return execute(sql, *arguments)


def open_page(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--only", default="", help="how the names of those to be measured begin")
    parser.add_argument("--profile", default="", help="the page to profile, with its statements")
    options = parser.parse_args()
    expensive = []
    with connection.cursor() as cursor:
        # The work of parallel workers would be counted nowhere.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    # As the hourly job does: else the first page counts for itself.
    dropouts.count_hourly(timezone.now())
    print(f"{'':34}{'statements':>11}{'python':>8}{'postgres':>10}{'ms':>7}")
    for name, reader, address in pages():
        if not name.startswith(options.only):
            continue
        client = Client(HTTP_HOST="localhost")
        client.force_login(reader)
        open_page(client, address)
        seen = Statements()
        with connection.execute_wrapper(seen):
            open_page(client, address)
        began, asked = time.process_time(), backend_seconds()
        for _ in range(options.times):
            open_page(client, address)
        python = (time.process_time() - began) * 1000 / options.times
        postgres = (backend_seconds() - asked) * 1000 / options.times
        print(f"{name:34}{len(seen):11}{python:8.0f}{postgres:10.0f}{python + postgres:7.0f}")
        if len(seen) > MAX_STATEMENTS or python + postgres > MAX_MS:
            expensive.append(name)
        if name == options.profile:
            profile(client, address, seen)
    if expensive:
        print("too expensive:", ", ".join(expensive))
    return bool(expensive)


def profile(client: Client, address: str, seen: Statements) -> None:
    for number, sql in enumerate(seen, 1):
        print(f"{number:3} {' '.join(str(sql).split())[:160]}")
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(5):
        open_page(client, address)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(75)


if __name__ == "__main__":
    sys.exit(main())
