"""Digests for instructors: new alerts in their courses, daily or weekly as they chose.

Sent only if an alert opened or reopened since the last one; they have counts and no names.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from analytics.models import Alert, AlertKind, AlertStep, Digest, DigestChoice
from progress.jobs import Run
from progress.models import User

from .actions import staff_with

Rhythm = DigestChoice.Rhythm
SPAN = {Rhythm.DAILY: timedelta(days=1), Rhythm.WEEKLY: timedelta(days=7)}
MONDAY = 0


@dataclass
class CourseNews:
    """The alerts of one course by kind, `{kind: count}`: all open ones, and the new ones."""

    title: str
    open_alerts: Counter = field(default_factory=Counter)
    fresh: Counter = field(default_factory=Counter)

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Returns (label of the kind, new, open), the most frequent first."""
        return [
            (str(AlertKind(kind).label), self.fresh[kind], count)
            for kind, count in self.open_alerts.most_common()
        ]


def write(run: Run) -> None:
    """Writes the digests of today. Four queries, however many instructors there are."""
    day = timezone.localdate(run.now, timezone.get_default_timezone())
    since = _since(_readers(day), run.now)
    news = _news(since)
    rows = [
        _digest(reader, news[reader.pk].values(), day, run.now)
        for reader in since
        if any(each.fresh for each in news.get(reader.pk, {}).values())
    ]
    before = Digest.objects.filter(day=day).count()
    Digest.objects.bulk_create(rows, ignore_conflicts=True)
    run.rows += Digest.objects.filter(day=day).count() - before


def _readers(day: date) -> list[User]:
    """Returns the instructors who get a digest on that day: weekly ones on Mondays."""
    rhythms = [Rhythm.DAILY, Rhythm.WEEKLY] if day.weekday() == MONDAY else [Rhythm.DAILY]
    staff = staff_with("view_courseprogress")
    people = staff.filter(courses_taught__isnull=False).exclude(email="")
    chosen = list(people.distinct().select_related("alert_digest").order_by("pk"))
    return [reader for reader in chosen if rhythm_of(reader) in rhythms]


def rhythm_of(reader: User) -> str:
    """Returns the rhythm that the reader chose; weekly by default."""
    chosen = getattr(reader, "alert_digest", None)
    return chosen.rhythm if chosen else Rhythm.WEEKLY


def _since(readers: list[User], now: datetime) -> dict[User, datetime]:
    """Returns since when alerts are new to each reader: their last digest, or one period ago."""
    found = Digest.objects.filter(user__in=readers).values_list("user_id")
    last = dict(found.annotate(at=Max("written_at")).order_by())
    return {
        reader: last.get(reader.pk, now - SPAN[Rhythm(rhythm_of(reader))]) for reader in readers
    }


def _news(since: dict[User, datetime]) -> dict[int, dict[int, CourseNews]]:
    """Returns the news by reader and course."""
    starts = {reader.pk: moment for reader, moment in since.items()}
    if not starts:
        return {}
    woken = _woken(min(starts.values()))
    rows = (
        Alert.objects.filter(
            state__in=[Alert.State.OPEN, Alert.State.ACKNOWLEDGED],
            course__instructors__in=list(starts),
            course__retired_at=None,
        )
        .order_by("course__title")
        .values_list("pk", "kind", "opened_at", "course_id", "course__title", "course__instructors")
    )
    found: dict[int, dict[int, CourseNews]] = {}
    for pk, kind, opened_at, course_id, title, reader in rows:
        news = found.setdefault(reader, {}).setdefault(course_id, CourseNews(title))
        news.open_alerts[kind] += 1
        if max(opened_at, woken.get(pk, opened_at)) > starts[reader]:
            news.fresh[kind] += 1
    return found


def _woken(since: datetime) -> dict[int, datetime]:
    """Returns alerts whose snooze has ended since then, with the time."""
    steps = AlertStep.objects.filter(what=AlertStep.What.WOKE, at__gt=since).order_by()
    return dict(steps.values_list("alert_id").annotate(latest=Max("at")))


def _digest(reader: User, courses: Iterable[CourseNews], day: date, now: datetime) -> Digest:
    courses = [course for course in courses if course.open_alerts]
    address = settings.PUBLIC_URL + reverse("admin:insight-alerts") if settings.PUBLIC_URL else ""
    context = {
        "reader": reader,
        "courses": courses,
        "fresh": sum(course.fresh.total() for course in courses),
        "standing": sum(course.open_alerts.total() for course in courses),
        "url": address,
        "rhythm": rhythm_of(reader),
    }
    subject, _, body = render_to_string("dashboards/digest.txt", context).partition("\n")
    return Digest(
        user=reader, day=day, subject=subject.strip(), body=body.lstrip("\n"), written_at=now
    )
