"""Completions elsewhere in compliance: their report, and their rows in the record of a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from itertools import chain

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.query.filters import AS_OF_NOW, LEARNER, ExtraFilter, Filters
from analytics.reporting import columns
from analytics.reporting.report import Column, Days, Kind, Long, Report, ReportQuery, Rows
from progress.files.downloads import tuples_in_chunks
from progress.models import CourseProgress, Enrollment, OutsideCompletion

GROUP = _("Compliance")
TRACKED = _("Tracked here")
BASIS = Column("basis", _("Basis"), help_text=_("Tracked here; or on what basis, and who says so."))


def basis_text(basis: str, authority: str) -> str:
    """`Attended in person: Red Cross`."""
    return f"{OutsideCompletion.Basis(basis).label}: {authority}"


def day_moment(day: date) -> datetime:
    """The beginning of a day in the organisation's zone, in which its reports are written."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def rows_for(filters: Filters) -> QuerySet[OutsideCompletion]:
    """The outside completions of the chosen courses, department and cohort."""
    rows = replace(filters, cohort=None).apply(OutsideCompletion.objects.all())
    if filters.cohort is None:
        return rows
    own = Enrollment.objects.filter(user=OuterRef("user"), course=OuterRef("course"))
    return rows.filter(Exists(filters.apply(own, enrolled_at="enrolled_at")))


# --- In the record of a day ----------------------------------------------------------------------
_PERSON = ("user__full_name", "user__username", "user__department", "course__title")
_NO_MOMENT, _NO_DAY = Value(None, DateTimeField()), Value(None, DateField())


class Record(Long):
    """What was completed by `moment`, here and elsewhere, by name; in a file by key, ours first.

    A row is (key, name, username, department, course, cycle, enrolled, completed, basis, authority,
    completed on, ends, withdrawn); `basis` is empty for what was tracked here.
    """

    def __init__(self, query: ReportQuery, moment: datetime):
        filters = query.filters
        tracked = filters.apply(CourseProgress.objects.filter(completed_at__lte=moment))
        self._tracked = filters.of_learner(tracked).values_list(
            "pk",
            *_PERSON,
            "enrollment__cycle",
            "enrollment__enrolled_at",
            "completed_at",
            Value(""),
            Value(""),
            _NO_DAY,
            _NO_MOMENT,
            _NO_MOMENT,
        )
        outside = rows_for(filters).filter(holds_from__lte=moment)
        self._outside = filters.of_learner(outside).values_list(
            "pk",
            *_PERSON,
            Value(None, IntegerField()),
            _NO_MOMENT,
            "holds_from",
            "basis",
            "authority",
            "completed_on",
            "holds_until",
            "withdrawn_at",
        )

    def __len__(self) -> int:
        return self._tracked.count() + self._outside.count()

    def __getitem__(self, part: slice) -> list[tuple]:
        both = self._tracked.order_by().union(self._outside.order_by(), all=True)
        return list(both.order_by("user__full_name", "user__username", "pk")[part])

    def each(self) -> Iterator[tuple]:
        return chain(tuples_in_chunks(self._tracked), tuples_in_chunks(self._outside))


# --- What expires when ---------------------------------------------------------------------------
def expiring(filters: Filters, now: datetime, until: datetime) -> list[tuple[date, int, int]]:
    """(month, course id, people) of outside completions that end by then, and that no other one
    outlasts. Of active people."""
    longer = OutsideCompletion.objects.in_force().filter(
        Q(holds_until=None) | Q(holds_until__gt=OuterRef("holds_until")),
        user=OuterRef("user"),
        course=OuterRef("course"),
    )
    rows = rows_for(filters).in_force().filter(holds_until__gt=now, holds_until__lte=until)
    counted = (
        rows.filter(~Exists(longer), user__is_active=True)
        .order_by()
        .annotate(month=TruncMonth("valid_until", DateField()))
        .values_list("month", "course_id")
        .annotate(people=Count("user", distinct=True))
    )
    return list(counted)


# --- The report ----------------------------------------------------------------------------------
def _rows(query: ReportQuery) -> Rows:
    rows = query.filters.of_learner(rows_for(query.filters))
    found = rows.filter(_stands(query.filters.extra.get("state"), query.now))
    return found.order_by("user__full_name", "user__username", "pk").values_list(
        "pk",
        *_PERSON,
        "completed_on",
        "valid_until",
        "basis",
        "authority",
        "details",
        "reference",
        "score_bp",
        "recorded_at",
        "recorded_by__full_name",
        "recorded_by__username",
        "recorded_key",
        "withdrawn_at",
        "withdrawal_reason",
        "holds_until",
    )


def _stands(state: str | None, now: datetime) -> Q:
    return {
        None: Q(),
        "valid": Q(withdrawn_at=None) & (Q(holds_until=None) | Q(holds_until__gt=now)),
        "expired": Q(withdrawn_at=None, holds_until__lte=now),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }[state]


STATES = {"valid": _("Valid"), "expired": _("Expired"), "withdrawn": _("Withdrawn")}


def _with_state(query: ReportQuery, rows: list[tuple]) -> list[tuple]:
    return [(*row[:-1], _state(row[-3], row[-1], query.now)) for row in rows]


def _state(withdrawn_at: datetime | None, ends: datetime | None, now: datetime) -> str:
    if withdrawn_at is not None:
        return "withdrawn"
    return "expired" if ends is not None and ends <= now else "valid"


def _row(row: tuple) -> tuple:
    pk, name, username, department, course, done, until, basis, *texts, score = row[:12]
    at, by_name, by_username, key, withdrawn_at, reason, state = row[12:]
    return (
        pk,
        name or username,
        username,
        department,
        course,
        str(STATES[state]),
        done,
        until,
        str(OutsideCompletion.Basis(basis).label),
        *texts,
        None if score is None else score // 100,
        at,
        by_name or by_username or "",
        key,
        withdrawn_at,
        reason,
    )


OUTSIDE = Report(
    slug="outside-completions",
    for_managers=True,
    title=_("Outside completions"),
    group=GROUP,
    description=_("What was completed elsewhere, on what basis, and who says so."),
    columns=[
        Column("outside_completion_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.PERSON,
        columns.USERNAME,
        columns.DEPARTMENT,
        columns.COURSE,
        Column("state", _("State")),
        Column("completed_on", _("Completed"), Kind.DAY, _("In the learner's time zone.")),
        Column("valid_until", _("Valid until"), Kind.DAY, _("The last day.")),
        Column("basis", _("Basis")),
        Column("authority", _("Who says so")),
        Column("details", _("Details")),
        Column("reference", _("Reference")),
        Column("score_percent", _("Score"), Kind.PERCENT, _("As it was recorded.")),
        Column("recorded_at", _("Recorded"), Kind.MOMENT),
        Column("recorded_by", _("Recorded by")),
        Column("recorded_key", _("With key"), off_page=True),
        Column("withdrawn_at", _("Withdrawn"), Kind.MOMENT),
        Column("withdrawal_reason", _("Why it was withdrawn"), off_page=True),
    ],
    rows=_rows,
    filters=AS_OF_NOW,
    extra_filters={
        **LEARNER,
        "state": ExtraFilter(_("State"), _("All states"), list(STATES.items())),
    },
    join=_with_state,
    to_row=_row,
    days=Days.ORGANISATION,
)
