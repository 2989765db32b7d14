"""Every figure of the instructors' pages at one moment, to compare two versions of the code.

    python manage.py demo --learners 5000 --weeks 12
    python bench/figures.py --at 2026-11-30T14:00:00+00:00 > FILE

Prints as JSON what the pages are drawn from: over all courses and for a department, a month of
enrolment and a course, for the manager and an instructor. Nothing is written while it runs, so
that two runs on one database differ only if the code does.
"""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_progress.settings")

import django

from lms_progress import embedded

# As manage.py does: the servers of a running bin/up with the same STATE_DIR, or own ones.
embedded.prepare(["bench", "shell"])
django.setup()

from django.core.paginator import Page  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.utils import timezone  # noqa: E402

from analytics.engagement import queries  # noqa: E402
from analytics.query.filters import filters_from  # noqa: E402
from analytics.query.scope import seen_by  # noqa: E402
from analytics.site import course, overview, roster  # noqa: E402
from lms_progress.demo.organisation.build import MANAGER  # noqa: E402
from progress.models import Course, User  # noqa: E402

WEEKS = 12


def plain(value):
    """As JSON can hold it: dataclasses with their properties, pages as their rows."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        names += [k for k, v in vars(type(value)).items() if isinstance(v, property)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Page):
        return {"rows": value.paginator.count, "pages": value.paginator.num_pages}
    if isinstance(value, Model):
        return f"{value._meta.label} {value.pk}"
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain(each) for name, each in zip(value._fields, value, strict=True)}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def figures(reader: User, now: datetime) -> dict:
    courses = seen_by(reader)
    since = (now - timedelta(weeks=WEEKS)).date().isoformat()
    month = (now - timedelta(weeks=8)).strftime("%Y-%m")
    busy = Course.objects.filter(code__startswith="org-", pk__in=list(courses))
    own = busy.order_by("code").last()
    groups = ["", "department=Care", "department=Office", f"cohort={month}", f"course={own.pk}"]
    found = {}
    for group in groups:
        filters = filters_from(QueryDict(f"since={since}&{group}"), courses)
        found[f"overview {group}"] = overview.overview(filters, reader, now)
        found[f"habits {group}"] = [
            {str(key): n for key, n in queries.habits(filters, now).items()},
            queries.week(filters),
        ]
    for shown in roster.kinds():
        filters = filters_from(QueryDict(), courses.only(own.pk), has_course=False)
        query = roster.RosterQuery(shown, "", "1", reader)
        found[f"course, {shown}"] = course.insight(own, filters, query, now)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at", required=True, type=datetime.fromisoformat)
    now = parser.parse_args().at
    found = {}
    with timezone.override("UTC"):
        for username in (MANAGER, "org-ines"):
            found[username] = figures(User.objects.get(username=username), now)
        json.dump(plain(found), sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
