"""Who will be late with a course, selected for a reader: people by their chance to be late, and
counts for each course and due date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models
from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models import CompletionForecast, ForecastValidation
from analytics.query.duty import is_owed
from analytics.query.filters import Filters
from progress.models import CourseProgress

from .counts import Chances, ExpectedCount, expected

FORECAST = "enrollment__forecast__"


class Outlook(models.TextChoices):
    """How an open enrolment stands to its due date; at risk if its interval has that in it."""

    OVERDUE = "overdue", _("Overdue")
    LATE = "late", _("Expected late")
    AT_RISK = "at_risk", _("At risk of being late")
    IN_TIME = "in_time", _("Expected in time")
    UNKNOWN = "unknown", _("Not known")
    NO_DUE = "no_due", _("No due date")


def open_rows(filters: Filters, now: datetime) -> QuerySet[CourseProgress]:
    """The progress of the enrolments that are still owed, with their `outlook`."""
    rows = CourseProgress.objects.filter(
        is_owed(now), enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    due = F("enrollment__due_at")
    outlook = Case(
        When(enrollment__due_at=None, then=Value(Outlook.NO_DUE)),
        When(enrollment__due_at__lt=now, then=Value(Outlook.OVERDUE)),
        When(
            **{FORECAST + "insufficient": CompletionForecast.Insufficient.UNLIKELY},
            then=Value(Outlook.LATE),
        ),
        When(**{FORECAST + "first_at__gt": due}, then=Value(Outlook.LATE)),
        When(**{FORECAST + "last_at__lte": due}, then=Value(Outlook.IN_TIME)),
        When(**{FORECAST + "first_at__isnull": False}, then=Value(Outlook.AT_RISK)),
        default=Value(Outlook.UNKNOWN),
        output_field=models.CharField(),
    )
    return filters.apply(rows).annotate(outlook=outlook, late_chance=F(FORECAST + "late_chance"))


def by_chance(rows: QuerySet[CourseProgress]) -> QuerySet[CourseProgress]:
    """Who is overdue first, then who is most likely to be late; unknown ones by their due date."""
    overdue_first = Case(When(outlook=Outlook.OVERDUE, then=0), default=1)
    return rows.order_by(
        overdue_first,
        F("late_chance").desc(nulls_last=True),
        F("enrollment__due_at").asc(nulls_last=True),
        "pk",
    )


@dataclass
class DueCount:
    """The current enrolments of a course that are due on a day of the reader's zone.

    `expected` counts those who will be late, overdue ones included; None where others are open
    and no chance of theirs is known.
    """

    course_id: int
    course: str
    due_on: date
    complete: int = 0
    outlooks: dict[str, int] = field(default_factory=dict)
    chances: list[Chances] = field(default_factory=list)

    def count(self, outlook: str) -> int:
        return self.outlooks.get(outlook, 0)

    @property
    def overdue(self) -> int:
        return self.count(Outlook.OVERDUE)

    @property
    def late(self) -> int:
        return self.count(Outlook.LATE)

    @property
    def at_risk(self) -> int:
        return self.count(Outlook.AT_RISK)

    @property
    def in_time(self) -> int:
        return self.count(Outlook.IN_TIME)

    @property
    def unknown(self) -> int:
        return self.count(Outlook.UNKNOWN)

    @property
    def learners(self) -> int:
        return self.complete + sum(self.outlooks.values())

    @property
    def expected(self) -> ExpectedCount | None:
        others = self.learners - self.complete - self.overdue
        return expected(self.overdue, self.chances) if self.chances or not others else None


def due_counts(filters: Filters, now: datetime) -> list[DueCount]:
    """By due date, then course; only where someone is still open. Three statements."""
    day = TruncDate("enrollment__due_at", tzinfo=timezone.get_current_timezone())
    rows = (
        open_rows(filters, now)
        .exclude(outlook=Outlook.NO_DUE)
        .order_by()
        .annotate(due_on=day)
        .values("course_id", "due_on", "outlook", part=F(FORECAST + "part"))
        .annotate(
            number=Count("pk"),
            known=Count("late_chance", filter=~Q(outlook=Outlook.OVERDUE)),
            total=Sum("late_chance", filter=~Q(outlook=Outlook.OVERDUE)),
            variance=Sum(
                F("late_chance") * (1 - F("late_chance")), filter=~Q(outlook=Outlook.OVERDUE)
            ),
        )
    )
    measured = _measured(filters.courses)
    found: dict[tuple[date, int], DueCount] = {}
    for row in rows:
        course_id, due_on = row["course_id"], row["due_on"]
        group = found.setdefault(
            (due_on, course_id), DueCount(course_id, filters.courses[course_id], due_on)
        )
        group.outlooks[row["outlook"]] = group.count(row["outlook"]) + row["number"]
        if row["known"]:
            bias, seen, outcomes = measured.get((course_id, row["part"]), (0.0, 0.5, 1))
            group.chances.append(
                Chances(row["known"], row["total"], row["variance"], bias, seen, outcomes)
            )
    for course_id, due_on, number in _complete(filters, day):
        if (due_on, course_id) in found:
            found[due_on, course_id].complete = number
    return [found[key] for key in sorted(found, key=lambda key: (key[0], found[key].course))]


def _complete(filters: Filters, day: TruncDate):
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
        enrollment__due_at__isnull=False,
        completed_at__isnull=False,
    )
    counted = filters.apply(rows).order_by().annotate(due_on=day)
    return counted.values_list("course_id", "due_on").annotate(number=Count("pk"))


def _measured(courses: Mapping[int, str]) -> dict[tuple[int, int], tuple[float, float, int]]:
    """By course and part: how far chances were off on average, the share that was late, and of how
    many enrolments that is known."""
    rows = ForecastValidation.objects.filter(course__in=list(courses), late_seen__isnull=False)
    return {
        (row.course_id, row.part): (
            row.late_seen - (row.late_expected or 0.0),
            row.late_seen,
            row.enrollments,
        )
        for row in rows
    }
