"""Rebuilds a course's rollups and compares them with what was there.

    python manage.py demo --learners 5000 --weeks 12
    python bench/rollups.py org-height

Prints how large evidence and rollups are, how long the rebuild took, and in how many rows the
rebuilt rollups differ; exits with 1 if any does. Run it while nobody learns in the course: what
comes in between would be a difference.
"""

import argparse
import hashlib
import os
import resource
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
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from analytics import models  # noqa: E402
from analytics.facts.rollups.folding import fold_new  # noqa: E402
from analytics.facts.rollups.rebuilding import rebuild  # noqa: E402
from progress.jobs import Run  # noqa: E402
from progress.models import ContentInteraction, Course  # noqa: E402

# Each rollup with the way to its course.
ROLLUPS = {
    models.LearnerDay: "course",
    models.CourseDay: "course",
    models.LearnerHabit: "course",
    models.ContentDay: "content__module__course",
    models.ContentCurve: "edition__content__module__course",
    models.ContentReach: "edition__content__module__course",
    models.LearnerContent: "edition__content__module__course",
    models.QuestionRollup: "content__module__course",
    models.LearnerQuiz: "content__module__course",
}
UNCOMPARED = {"id", "user_id"}


def rows(course: Course) -> dict[str, set[bytes]]:
    """A digest of each row, without its key and its learner, who is the enrolment's."""
    found = {}
    for model, way in ROLLUPS.items():
        of_course = model.objects.filter(**{way: course}).values()
        found[model.__name__] = {_digest(row) for row in of_course.iterator(chunk_size=2000)}
    return found


def _digest(row: dict) -> bytes:
    compared = sorted(item for item in row.items() if item[0] not in UNCOMPARED)
    return hashlib.blake2b(repr(compared).encode(), digest_size=12).digest()


def of_other_learners(course: Course) -> int:
    """The number of rows that name another learner than their enrolment does.

    Rows from before the column was added name none until they are written again.
    """
    return sum(
        model.objects.filter(**{way: course}, user__isnull=False)
        .exclude(user=F("enrollment__user"))
        .count()
        for model, way in ROLLUPS.items()
        if {"user", "enrollment"} <= {field.name for field in model._meta.fields}
    )


def bytes_of(table: str) -> int:
    """A table's size with its indexes, and those of its partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size(%s) + coalesce(sum(pg_total_relation_size(relid)), 0)"
            " FROM pg_partition_tree(%s)",
            [table, table],
        )
        return int(cursor.fetchone()[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("course", help="the course's code")
    course = Course.objects.get(code=parser.parse_args().course)
    fold_new(Run("bench", timezone.now()))
    before = rows(course)
    events = ContentInteraction.objects.filter(enrollment__course=course).count()
    began, cpu = time.monotonic(), time.process_time()
    enrollments = rebuild(course.pk, now=timezone.now())
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    after = rows(course)
    evidence = bytes_of(ContentInteraction._meta.db_table)
    rollups = sum(bytes_of(model._meta.db_table) for model in ROLLUPS)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"enrolments         {enrollments:>12,}")
    print(f"events             {events:>12,}")
    print(f"rebuilt in         {took:>12,.1f} s   {cpu:,.1f} s of it in Python")
    print(f"events a second    {events / took:>12,.0f}")
    print(f"memory             {memory:>12,.0f} MB at most")
    print(f"evidence           {evidence / 2**20:>12,.0f} MB, of all courses")
    print(f"rollups            {rollups / 2**20:>12,.0f} MB")
    differing = of_other_learners(course)
    for name, known in before.items():
        differing += len(known ^ after[name])
        print(f"{name:<18} {len(known):>12,} rows")
    print(f"differing          {differing:>12,}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
