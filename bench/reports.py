"""How long the reports of a large organisation take as files, and how much memory.

    python bench/reports.py [--people 250000]

In a database of its own: four courses that all of so many people are enrolled in and must complete,
half of it completed and certified. Each report that has a row for an enrolment (a million of them)
is read whole, as CSV and as a spreadsheet. Exits with 1 when memory grows by more than 64 MB.
"""

import argparse
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.scratch import ScratchDatabase

COURSES = 4
MAX_MB = 64
SLUGS = ("learners", "needs", "completions", "engagement-learners", "obligations", "record")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=250_000)
    with ScratchDatabase():
        begin = time.perf_counter()
        reader = _organisation(parser.parse_args().people)
        print(f"made in {time.perf_counter() - begin:.0f} s; {_memory():.0f} MB before")
        return _measure(reader)


def _measure(reader) -> int:
    from django.http import QueryDict
    from django.utils import timezone

    from analytics.query.filters import filters_from
    from analytics.query.scope import titles_for
    from analytics.reporting import registry
    from analytics.reporting.files import FILES
    from analytics.reporting.report import ReportQuery

    filters = filters_from(QueryDict(), titles_for(reader))
    print(f"{'':20}{'':6}{'rows':>10}{'seconds':>9}{'MB':>8}{'first byte':>12}{'memory':>10}")
    most = 0.0
    for slug in SLUGS:
        report = registry.find(slug, reader)
        for ending in ("csv", "xlsx"):
            asked = ReportQuery(reader, filters, timezone.now())
            before, begin = _memory(), time.perf_counter()
            first, size, lines = None, 0, 0
            for part in FILES[ending].parts(report, asked):
                first = first or time.perf_counter() - begin
                size += len(part)
                lines += part.count(b"\n") if ending == "csv" else 0
            took, grown = time.perf_counter() - begin, _memory() - before
            most = max(most, grown)
            rows = f"{lines - 1:,}" if lines else ""
            print(
                f"{slug:20}{ending:6}{rows:>10}{took:9.1f}{size / 1e6:8.1f}"
                f"{first or 0:10.3f} s{grown:+7.1f} MB"
            )
    return most > MAX_MB


def _organisation(people: int):
    """A manager, and rows that differ only in learner, time and progress."""
    from django.contrib.auth.models import Permission
    from django.utils import timezone

    from analytics.models import Requirement
    from certificates.lifecycle.issuing import issue
    from certificates.models import Certificate
    from progress.ingest import enrolling
    from progress.models import Course, CourseProgress, Enrollment, User

    now = timezone.now()
    manager = User.objects.create(username="manager", is_staff=True)
    manager.user_permissions.set(
        Permission.objects.filter(codename__in=["view_courseprogress", "view_all_progress"])
    )
    first = User.objects.create(username="p", full_name="Lena", department="Care")
    _copies(User, first.pk, people, {"username": "'p' || n", "full_name": "'Lena ' || n % 9973"})
    ids = (
        f"SELECT id, row_number() OVER (ORDER BY id) AS n FROM progress_user WHERE id > {first.pk}"
    )
    for number in range(COURSES):
        course = Course.objects.create(code=f"c{number}", title=f"Course {number}")
        Requirement.objects.create(name=f"Required {number}", course=course, due_on=now.date())
        enrolled = enrolling.enroll(first.pk, course.pk, now=now - timedelta(days=30)).enrollment
        _copies(Enrollment, enrolled.pk, ids, {"user_id": "n.id"})
        progress = CourseProgress.objects.get(pk=enrolled.pk)
        done = {"completion_bp": 10_000, "completed_at": now - timedelta(days=3)}
        CourseProgress.objects.filter(pk=progress.pk).update(**done)
        enrollments = (
            "SELECT id, user_id, row_number() OVER (ORDER BY id) AS n FROM progress_enrollment "
            f"WHERE course_id = {course.pk} AND id > {enrolled.pk}"
        )
        changed = {"enrollment_id": "n.id", "user_id": "n.user_id"}
        changed |= {
            "completed_at": "CASE WHEN n.id % 2 = 0 THEN t.completed_at END",
            "completion_bp": "CASE WHEN n.id % 2 = 0 THEN 10000 ELSE 4000 END",
        }
        _copies(CourseProgress, progress.pk, enrollments, changed)
        certificate = issue(enrolled.pk, now - timedelta(days=3))
        changed = {"enrollment_id": "n.id", "user_id": "n.user_id"}
        changed |= dict.fromkeys(("number", "code"), "lpad(n.id::text, 12, '0')")
        _copies(Certificate, certificate.pk, f"{enrollments} AND id % 2 = 0", changed)
    return manager


def _copies(model, pk: int, source: int | str, changed: dict[str, str]) -> None:
    """Rows like that one: as many as a number, or one for each row of a statement, `n`."""
    from django.db import connection

    fields = model._meta.local_concrete_fields
    kept = [field.column for field in fields if not field.generated]
    key = model._meta.pk.column
    kept = [column for column in kept if column != key or column in changed]
    values = ", ".join(changed.get(column, f't."{column}"') for column in kept)
    rows = f"generate_series(1, {source}) AS n" if isinstance(source, int) else f"({source}) AS n"
    columns = ", ".join(f'"{column}"' for column in kept)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) "
            f'SELECT {values} FROM {table} t, {rows} WHERE t."{key}" = {pk}'
        )
        cursor.execute(f"ANALYZE {table}")


def _memory() -> float:
    """Returns the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
