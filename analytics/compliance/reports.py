"""Compliance reports: each person's state, the record of a day, certificates that expire."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, DateField, DateTimeField, ExpressionWrapper, F
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics import slots
from analytics.query.effort import effort
from analytics.query.filters import AS_OF_NOW, LEARNER, OF_A_DAY, ExtraFilter, Titles
from analytics.query.people import learner_url
from analytics.reporting import columns
from analytics.reporting.report import Column, Days, Kind, Long, Report, ReportQuery, Rows

from . import outside, queries
from .obligation_state import LATE_STATES, STATE_LABELS, Cycle, ObligationState
from .queries import Obligation

GROUP = _("Compliance")
MONTHS = 12
HOUR_MS = 3_600_000
# People with obligations needn't be enrolled, and the state is always the current one.
CONCERNED = ("course", "department")
ORDER = {state: position for position, state in enumerate(ObligationState)}


# --- Each person and requirement ------------------------------------------------------------------
class _Obligations(Long):
    """The most urgent first; in a file, sorted by user id."""

    def __init__(self, query: ReportQuery):
        self.query, self.extra = query, query.filters.extra
        self.found = [
            each
            for each in queries.requirements(query.filters.courses)
            if self.extra.get("requirement") in (None, each.pk)
        ]

    def __len__(self) -> int:
        if "state" in self.extra:
            return sum(1 for _each in self.each())
        filters = self.query.filters
        return queries.count(self.found, filters.department, filters.courses)

    def __getitem__(self, part: slice) -> list[tuple]:
        return heapq.nsmallest(part.stop, self.each(), key=_urgency)[part.start : part.stop]

    def each(self) -> Iterator[tuple]:
        states = _states(self.extra.get("state"))
        filters = self.query.filters
        all_ = queries.obligations(self.found, self.query.now, filters.department, filters.courses)
        return (each for each in all_ if each.state in states)


LATE = "late"


def _states(query: str | None) -> Collection[ObligationState]:
    if query == LATE:
        return LATE_STATES
    return [ObligationState(query)] if query else ObligationState


def _requirements(courses: Titles) -> list[tuple[int, str]]:
    return [(each.pk, each.name) for each in queries.requirements(courses)]


def _urgency(each: tuple) -> tuple:
    assert isinstance(each, Obligation)
    person = each.person
    return ORDER[each.state], each.due_on or date.max, person.name, person.username


def _obligation_row(each: tuple) -> tuple:
    assert isinstance(each, Obligation)
    return (
        each.person.user_id,
        each.person.name,
        each.person.username,
        each.person.department,
        each.requirement.name,
        each.requirement.course.title,
        str(STATE_LABELS[each.state]),
        each.due_on,
        each.completion_bp // 100,
        each.completed_at,
        each.expires_at,
        each.basis,
    )


def _url(each: tuple) -> str:
    """Returns the URL of the person's page in the course; "" if they were never enrolled."""
    assert isinstance(each, Obligation)
    return learner_url(each.requirement.course_id, each.person.user_id) if each.has_passage else ""


OBLIGATIONS = Report(
    slug="obligations",
    for_managers=True,
    title=_("Obligations"),
    group=GROUP,
    description=_("Everybody a requirement applies to, the most urgent first."),
    columns=[
        Column("user_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.PERSON,
        columns.USERNAME,
        columns.DEPARTMENT,
        Column("requirement", _("Requirement")),
        columns.COURSE,
        Column("state", _("State")),
        Column(
            "due_on", _("By"), Kind.DAY, _("Once completed: the last day on which it is valid.")
        ),
        Column("percent", _("Done"), Kind.PERCENT, _("Of the current cycle.")),
        columns.COMPLETED,
        Column("expires_at", _("Valid until"), Kind.MOMENT),
        outside.BASIS,
    ],
    rows=_Obligations,
    filters=CONCERNED,
    extra_filters={
        "state": ExtraFilter(
            _("State"), _("All states"), [(LATE, _("Overdue or expired")), *STATE_LABELS.items()]
        ),
        "requirement": ExtraFilter(_("Requirement"), _("All requirements"), _requirements, int),
    },
    to_row=_obligation_row,
    link=_url,
    days=Days.ORGANISATION,
)


# --- Who held what on a given day -----------------------------------------------------------------
def _moment(query: ReportQuery) -> datetime:
    """Returns the end of the period's last day in the organisation's zone; at most now."""
    zone = timezone.get_default_timezone()
    end = datetime.combine(query.filters.period.until + timedelta(days=1), time.min, zone)
    return min(end - timedelta(microseconds=1), query.now)


def _record(query: ReportQuery) -> Rows:
    return outside.Record(query, _moment(query))


def _held(query: ReportQuery, rows: list[tuple]) -> list[tuple]:
    """Adds the expiry, the revocation, and whether the completion was valid at that time."""
    moment = _moment(query)
    tracked = [row[0] for row in rows if not row[8]]
    certified = slots.certified(tracked, moment) or {}
    return [
        _elsewhere(row, moment)
        if row[8]
        else (*row[:8], *_proof(row[7], certified.get(row[0]), moment), str(outside.TRACKED))
        for row in rows
    ]


def _elsewhere(row: tuple, moment: datetime) -> tuple:
    """A completion elsewhere; it is no enrolment's."""
    _pk, *person, cycle, enrolled_at, _from, basis, authority, day, ends, withdrawn_at = row
    completed_at = outside.day_moment(day)
    proof = _proof(completed_at, (ends, withdrawn_at), moment)
    text = outside.basis_text(basis, authority)
    return (None, *person, cycle, enrolled_at, completed_at, *proof, text)


def _proof(completed_at: datetime, ends: tuple | None, moment: datetime) -> tuple:
    expires_at, revoked_at = ends or (None, None)
    # A later revocation wasn't known on that day.
    revoked_by_then = revoked_at if revoked_at and revoked_at <= moment else None
    cycle = Cycle(completed_at, False, 0, expires_at, revoked_by_then)
    return expires_at, revoked_by_then, cycle.is_valid_at(moment)


def _record_row(row: tuple) -> tuple:
    pk, name, username, *rest = row
    return (pk, name or username, username, *rest)


RECORD = Report(
    slug="record",
    for_managers=True,
    title=_("Completion record"),
    group=GROUP,
    description=_("Who had completed what by the end of a day, in every cycle and elsewhere."),
    columns=[
        columns.ENROLMENT,
        columns.PERSON,
        Column("username", _("User name")),
        Column("department", _("Department"), Kind.TEXT, _("Today's.")),
        columns.COURSE,
        Column("cycle", _("Cycle"), Kind.NUMBER, _("1 is the first, 2 a renewal.")),
        columns.ENROLLED,
        columns.COMPLETED,
        Column("expires_at", _("Valid until"), Kind.MOMENT, _("By its certificate or record.")),
        Column("revoked_at", _("Revoked"), Kind.MOMENT, _("Or withdrawn.")),
        Column("held", _("Valid"), Kind.FLAG, _("Whether it was valid on that day.")),
        outside.BASIS,
    ],
    rows=_record,
    filters=OF_A_DAY,
    extra_filters=LEARNER,
    join=_held,
    to_row=_record_row,
    is_signed=True,
    days=Days.ORGANISATION,
)


# --- What expires when ----------------------------------------------------------------------------
class Expiry(NamedTuple):
    """How many people's certificates of a course, or completions elsewhere, expire in a month.

    `month` is its first day. `hours` is the work of doing the course again, by the median of those
    who completed it; None if fewer than five did.
    """

    month: date
    course: str
    people: int
    hours: float | None


def expiries(query: ReportQuery) -> list[Expiry]:
    """Returns what expires within a year, by month and course."""
    until = query.now + timedelta(days=31 * MONTHS)
    counted = Counter(_ending_certificates(query, until))
    for month, course, people in outside.expiring(query.filters, query.now, until):
        counted[month, course] += people
    efforts = effort(query.filters)
    return [
        Expiry(
            month,
            query.filters.courses[course],
            people,
            round(people * efforts[course][1] / HOUR_MS, 3) if course in efforts else None,
        )
        for (month, course), people in sorted(counted.items())
    ]


def _ending_certificates(query: ReportQuery, until: datetime) -> dict[tuple[date, int], int]:
    certificates = slots.ending(query.now, until)
    if certificates is None:
        return {}
    rows = query.filters.apply(certificates).filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None, user__is_active=True
    )
    # The last valid day is the day before the moment of expiry.
    last = ExpressionWrapper(F("expires_at") - timedelta(microseconds=1), DateTimeField())
    month = TruncMonth(last, DateField(), tzinfo=timezone.get_default_timezone())
    counted = (
        rows.order_by()
        .annotate(month=month)
        .values_list("month", "course_id")
        .annotate(people=Count("pk"))
    )
    return {(month, course): people for month, course, people in counted}


EXPIRIES = Report(
    slug="expiries",
    for_managers=True,
    title=_("What expires when"),
    group=GROUP,
    description=_(
        "Certificates and outside completions that expire within a year, month by month, and the "
        "work this means."
    ),
    columns=[
        Column("month", _("Month"), Kind.DAY, _("Its first day.")),
        columns.COURSE,
        Column("people", _("People"), Kind.NUMBER),
        Column("hours", _("Hours"), Kind.NUMBER, _("People × the median time it took others.")),
    ],
    rows=expiries,
    filters=AS_OF_NOW,
    days=Days.ORGANISATION,
)

REPORTS = (OBLIGATIONS, RECORD, EXPIRIES, outside.OUTSIDE)
