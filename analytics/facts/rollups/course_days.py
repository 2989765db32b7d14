"""A course's days: what the days of all its learners add up to.

Whoever changes a learner's day marks that day of the course in the same transaction; `add_up` adds
the marked ones up anew. So a chunk pays for a mark only, and whoever reads can tell which days
aren't added up yet.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction
from django.db.models import F, Q, Sum

from analytics.facts import store
from analytics.models import CourseDay, LearnerDay

AT_ONCE = 100
HOURS = {f"hour_{hour}": Sum(F(f"hours_ms__{hour}"), default=0) for hour in range(24)}


def mark(days: Iterable[tuple[int, date]]) -> None:
    """Note that these days of courses, each a (course id, day), have to be added up anew."""
    rows = [CourseDay(course_id=course, day=day, is_stale=True) for course, day in sorted(days)]
    store.upsert(rows, ["course", "day"], ["is_stale"])


def add_up() -> None:
    """Add up the days that are marked, some in each transaction."""
    while _add_some_up():
        pass


@transaction.atomic
def _add_some_up() -> bool:
    store.lock()
    rows = list(CourseDay.objects.filter(is_stale=True).order_by("pk")[:AT_ONCE])
    sums = _sums(rows)
    CourseDay.objects.filter(
        pk__in=[row.pk for row in rows if (row.course_id, row.day) not in sums]
    ).delete()
    kept = [row for row in rows if (row.course_id, row.day) in sums]
    for row in kept:
        amounts = sums[row.course_id, row.day]
        row.active_ms = amounts["ms"]
        row.hours_ms = [amounts[hour] for hour in HOURS]
        row.is_stale = False
    store.upsert(kept, ["course", "day"], ["active_ms", "hours_ms", "is_stale"])
    return bool(rows)


def _sums(rows: Collection[CourseDay]) -> dict[tuple[int, date], dict[str, int]]:
    if not rows:
        return {}
    courses = defaultdict(list)
    for row in rows:
        courses[row.day].append(row.course_id)
    wanted = Q()
    for day, ids in courses.items():
        wanted |= Q(day=day, course__in=ids)
    found = LearnerDay.objects.filter(wanted).order_by().values("course_id", "day")
    counted = found.annotate(ms=Sum("active_ms"), **HOURS)
    return {(row["course_id"], row["day"]): row for row in counted}
