"""What must be completed, as tables: each person's state, the record of a day, what ends when."""

from collections import Counter
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics import slots
from analytics.dashboards.people import learner_url
from analytics.reports.report import Asked, Column, Kind, Report, Rows
from analytics.roi.figures import HOUR_MS
from analytics.roi.reading import effort
from progress.models import CourseProgress

from . import reading
from .reading import Obligation
from .standing import Cycle, State
from .words import STATES

GROUP = _("Compliance")
MONTHS = 12
ORDER = {state: place for place, state in enumerate(State)}


# --- Each person and requirement -----------------------------------------------------------------
def _obligations(asked: Asked) -> Rows:
    found = reading.requirements(asked.chosen)
    return sorted(
        reading.obligations(found, asked.now, asked.chosen.department),
        key=lambda each: (ORDER[each.state], each.due_on or date.max),
    )


def _tell(each: tuple) -> tuple:
    assert isinstance(each, Obligation)
    return (
        each.person.user_id,
        each.person.name,
        each.person.username,
        each.person.department,
        each.requirement.name,
        each.requirement.course.title,
        str(STATES[each.state]),
        each.due_on,
        each.completion_bp // 100,
        each.completed_at,
        each.expires_at,
    )


def _url(each: tuple) -> str:
    """The person's page in the course; nowhere, for who was never enrolled."""
    assert isinstance(each, Obligation)
    way = (each.requirement.course_id, each.person.user_id)
    return learner_url(*way) if each.has_passage else ""


OBLIGATIONS = Report(
    slug="obligations",
    title=_("Obligations"),
    group=GROUP,
    description=_("Everybody whom a requirement concerns, the most pressing first."),
    columns=[
        Column("user_id", _("Number"), Kind.NUMBER, off_page=True),
        Column("person", _("Person")),
        Column("username", _("User name"), off_page=True),
        Column("department", _("Department")),
        Column("requirement", _("Requirement")),
        Column("course", _("Course")),
        Column("state", _("State")),
        Column("due_on", _("By"), Kind.DAY, _("Once completed: the last day on which it holds.")),
        Column("percent", _("Done"), Kind.PERCENT, _("Of the passage that is open.")),
        Column("completed_at", _("Completed"), Kind.MOMENT),
        Column("expires_at", _("Holds until"), Kind.MOMENT),
    ],
    rows=_obligations,
    tell=_tell,
    link=_url,
)


# --- Who had what on a day -----------------------------------------------------------------------
def _record(asked: Asked) -> Rows:
    """At the end of the last day asked for, in the organisation's zone; at most until now."""
    zone = timezone.get_default_timezone()
    end = datetime.combine(asked.chosen.period.until + timedelta(days=1), time.min, zone)
    moment = min(end - timedelta(microseconds=1), asked.now)
    certified = slots.certified(list(asked.chosen.courses), moment) or {}
    rows = asked.chosen.narrow(CourseProgress.objects.filter(completed_at__lte=moment))
    columns = (
        "pk",
        "user__full_name",
        "user__username",
        "user__department",
        "course__title",
        "enrollment__cycle",
        "enrollment__enrolled_at",
        "completed_at",
    )
    found = rows.order_by("user__full_name", "user__username", "pk").values_list(*columns)
    return [_held(row, certified.get(row[0], (None, None)), moment) for row in found]


def _held(row: tuple, ends: tuple, moment: datetime) -> tuple:
    pk, name, username, *facts = row
    expires_at, revoked_at = ends
    # What came later wasn't known on that day.
    known = revoked_at if revoked_at and revoked_at <= moment else None
    holds = Cycle(facts[-1], False, 0, expires_at, revoked_at).holds_at(moment)
    return (pk, name or username, username, *facts, expires_at, known, holds)


RECORD = Report(
    slug="record",
    title=_("Completion record"),
    group=GROUP,
    description=_("Who had completed what at the end of the last day chosen, in every passage."),
    columns=[
        Column("enrollment_id", _("Enrolment"), Kind.NUMBER, off_page=True),
        Column("person", _("Person")),
        Column("username", _("User name")),
        Column("department", _("Department"), Kind.TEXT, _("Today's.")),
        Column("course", _("Course")),
        Column("cycle", _("Passage"), Kind.NUMBER, _("1 is the first, 2 a renewal.")),
        Column("enrolled_at", _("Enrolled"), Kind.MOMENT),
        Column("completed_at", _("Completed"), Kind.MOMENT),
        Column("expires_at", _("Holds until"), Kind.MOMENT, _("By its certificate.")),
        Column("revoked_at", _("Revoked"), Kind.MOMENT),
        Column("held", _("Held"), Kind.FLAG, _("Whether it held on that day.")),
    ],
    rows=_record,
    is_signed=True,
)


# --- What ends when ------------------------------------------------------------------------------
def expiries(asked: Asked) -> list[tuple]:
    """(month's first, course, people, hours) for a year: the work of doing it again, as the median
    of those who have; None for a course that fewer than five completed."""
    keys = list(asked.chosen.courses)
    certified = slots.certified(keys, asked.now) or {}
    until = asked.now + timedelta(days=31 * MONTHS)
    ending = {
        enrollment: expires_at
        for enrollment, (expires_at, revoked_at) in certified.items()
        if expires_at and not revoked_at and asked.now < expires_at <= until
    }
    rows = asked.chosen.narrow(
        CourseProgress.objects.filter(
            pk__in=list(ending),
            enrollment__is_current=True,
            enrollment__unenrolled_at=None,
            user__is_active=True,
        )
    )
    counted: Counter = Counter()
    zone = timezone.get_default_timezone()
    for pk, course in rows.values_list("pk", "course_id"):
        last_day = timezone.localdate(ending[pk] - timedelta(microseconds=1), zone)
        counted[last_day.replace(day=1), course] += 1
    efforts = effort(asked.chosen)
    return [
        (
            month,
            asked.chosen.courses[course],
            people,
            people * efforts[course][1] / HOUR_MS if course in efforts else None,
        )
        for (month, course), people in sorted(counted.items())
    ]


EXPIRIES = Report(
    slug="expiries",
    title=_("What ends when"),
    group=GROUP,
    description=_("Certificates that end within a year, month by month, and the work they mean."),
    columns=[
        Column("month", _("Month"), Kind.DAY, _("Its first day.")),
        Column("course", _("Course")),
        Column("people", _("People"), Kind.NUMBER),
        Column("hours", _("Hours"), Kind.NUMBER, _("People × the median time it took others.")),
    ],
    rows=expiries,
)

REPORTS = (OBLIGATIONS, RECORD, EXPIRIES)
