"""Digests for instructors: what is new in own courses, daily or weekly as they chose.

Only when something opened, or is open again, since the last one; amounts and no names.
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

Rhythm = DigestChoice.Rhythm
SPAN = {Rhythm.DAILY: timedelta(days=1), Rhythm.WEEKLY: timedelta(days=7)}
MONDAY = 0


@dataclass
class CourseNews:
    """Of one course: alerts by kind, `{kind: count}`, those that stand and the new of them."""

    title: str
    standing: Counter = field(default_factory=Counter)
    fresh: Counter = field(default_factory=Counter)

    @property
    def lines(self) -> list[tuple[str, int, int]]:
        """(kind in words, new, standing), the most first."""
        return [
            (str(AlertKind(kind).label), self.fresh[kind], count)
            for kind, count in self.standing.most_common()
        ]


def write(run: Run) -> None:
    """Write the digests of today. Four statements, however many instructors there are."""
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
    """Instructors who are due a digest on that day: weekly ones on Mondays."""
    rhythms = [Rhythm.DAILY, Rhythm.WEEKLY] if day.weekday() == MONDAY else [Rhythm.DAILY]
    permitted = User.objects.with_perm(
        "progress.view_courseprogress", backend="django.contrib.auth.backends.ModelBackend"
    )
    people = permitted.filter(is_staff=True, courses_taught__isnull=False).exclude(email="")
    chosen = list(people.distinct().select_related("alert_digest").order_by("pk"))
    return [reader for reader in chosen if rhythm_of(reader) in rhythms]


def rhythm_of(reader: User) -> str:
    """What somebody chose, or weekly."""
    chosen = getattr(reader, "alert_digest", None)
    return chosen.rhythm if chosen else Rhythm.WEEKLY


def _since(readers: list[User], now: datetime) -> dict[User, datetime]:
    """From when on something is new to each: their last digest, or a span of their rhythm ago."""
    found = Digest.objects.filter(user__in=readers).values_list("user_id")
    last = dict(found.annotate(at=Max("written_at")).order_by())
    return {
        reader: last.get(reader.pk, now - SPAN[Rhythm(rhythm_of(reader))]) for reader in readers
    }


def _news(since: dict[User, datetime]) -> dict[int, dict[int, CourseNews]]:
    """By reader and course."""
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
        news.standing[kind] += 1
        if max(opened_at, woken.get(pk, opened_at)) > starts[reader]:
            news.fresh[kind] += 1
    return found


def _woken(since: datetime) -> dict[int, datetime]:
    """Alerts whose snooze has ended since, and when."""
    steps = AlertStep.objects.filter(what=AlertStep.What.WOKE, at__gt=since).order_by()
    return dict(steps.values_list("alert_id").annotate(latest=Max("at")))


def _digest(reader: User, courses: Iterable[CourseNews], day: date, now: datetime) -> Digest:
    courses = [course for course in courses if course.standing]
    address = settings.PUBLIC_URL + reverse("admin:insight-alerts") if settings.PUBLIC_URL else ""
    told = {
        "reader": reader,
        "courses": courses,
        "fresh": sum(course.fresh.total() for course in courses),
        "standing": sum(course.standing.total() for course in courses),
        "url": address,
        "rhythm": rhythm_of(reader),
    }
    subject, _, body = render_to_string("dashboards/digest.txt", told).partition("\n")
    return Digest(
        user=reader, day=day, subject=subject.strip(), body=body.lstrip("\n"), written_at=now
    )
