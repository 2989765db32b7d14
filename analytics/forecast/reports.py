"""Reports of forecasts: who will be late, how many for each due date, and how right they were."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models import ForecastValidation
from analytics.query.filters import AS_OF_NOW, ExtraFilter
from analytics.query.minimum_sample import is_enough
from analytics.query.people import learner_url
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows

from . import planning, texts
from .planning import FORECAST, Outlook

GROUP = _("Forecasts")


# --- Who will be late -----------------------------------------------------------------------------
def _people(query: ReportQuery) -> Rows:
    rows = planning.open_rows(query.filters, query.now)
    if outlook := query.filters.extra.get("outlook"):
        rows = rows.filter(outlook=outlook)
    return planning.by_chance(rows).values_list(
        "pk",
        "user__full_name",
        "user__username",
        "user__department",
        "course__title",
        "outlook",
        "late_chance",
        "enrollment__due_at",
        "completion_bp",
        FORECAST + "left_seconds",
        FORECAST + "left_contents",
        FORECAST + "first_at",
        FORECAST + "median_at",
        FORECAST + "last_at",
        FORECAST + "insufficient",
        "course_id",
        "user_id",
    )


def _person(row: tuple) -> tuple:
    pk, name, username, department, course, outlook, chance, due_at, bp, *rest = row
    seconds, contents, first, median, last, insufficient = rest[:6]
    is_overdue = outlook == Outlook.OVERDUE
    return (
        pk,
        name or username,
        username,
        department,
        course,
        str(Outlook(outlook).label),
        None if chance is None or is_overdue else round(100 * chance),
        due_at,
        bp // 100,
        seconds,
        contents,
        *(None if each is None else timezone.localdate(each) for each in (first, median, last)),
        texts.reason_text(insufficient or ""),
    )


PEOPLE = Report(
    slug="forecasts",
    for_managers=True,
    title=_("Who will be late"),
    group=GROUP,
    description=_(
        "Every open enrolment: who is overdue, then who is most likely to miss the due date. Days "
        "are named only where earlier forecasts were right as often as they say."
    ),
    columns=[
        columns.ENROLMENT,
        *columns.LEARNER_IN_COURSE,
        Column(
            "outlook",
            _("Outlook"),
            Kind.TEXT,
            _("At risk: the due date is between the earliest and the latest day."),
        ),
        Column(
            "late_percent",
            _("Chance to be late"),
            Kind.PERCENT,
            _("By last night's forecast; of those who aren't overdue."),
        ),
        columns.DUE,
        Column("percent", _("Done"), Kind.PERCENT, _("Rounded down.")),
        Column("left_seconds", _("Left"), Kind.SECONDS, _("As the course's page counts it.")),
        Column("left_contents", _("Contents left"), Kind.NUMBER),
        Column(
            "first_day",
            _("Earliest"),
            Kind.DAY,
            _("Of 100 like this, about 80 complete the course between this day and the latest."),
        ),
        Column("middle_day", _("Middle"), Kind.DAY, _("Half of those like this are done by then.")),
        Column(
            "last_day",
            _("Latest"),
            Kind.DAY,
            _("Empty where more than a few aren't done four weeks after the due date."),
        ),
        Column("why_not", _("Why there is no day")),
    ],
    rows=_people,
    to_row=_person,
    filters=AS_OF_NOW,
    extra_filters={"outlook": ExtraFilter(_("Outlook"), _("All"), Outlook.choices)},
    link=lambda row: learner_url(row[-2], row[-1]),
)


# --- How many, by due date ------------------------------------------------------------------------
def _due(query: ReportQuery) -> Rows:
    return [
        (
            each.course_id,
            each.course,
            each.due_on,
            each.learners,
            each.complete,
            each.in_time,
            each.at_risk,
            each.late,
            each.overdue,
            each.unknown,
            *((who.middle, who.low, who.high) if (who := each.expected) else (None,) * 3),
        )
        for each in planning.due_counts(query.filters, query.now)
    ]


DUE = Report(
    slug="due-forecasts",
    for_managers=True,
    title=_("Expected by due date"),
    group=GROUP,
    description=_(
        "For each course and due date, how many are expected to be in time, and how many late."
    ),
    columns=[
        columns.COURSE_ID,
        columns.COURSE,
        Column("due_on", _("Due"), Kind.DAY),
        Column("learners", _("Learners"), Kind.NUMBER, _("Current enrolments due on this day.")),
        Column("complete", _("Complete"), Kind.NUMBER),
        Column("in_time", _("Expected in time"), Kind.NUMBER, _("Even on the latest day.")),
        Column("at_risk", _("At risk"), Kind.NUMBER, _("The due date is within the interval.")),
        Column("late", _("Expected late"), Kind.NUMBER, _("Even on the earliest day.")),
        Column("overdue", _("Overdue"), Kind.NUMBER, _("Past the due date and still owed.")),
        Column("unknown", _("Not known"), Kind.NUMBER, _("No forecast is shown for them.")),
        Column(
            "expected_late",
            _("Late in all"),
            Kind.NUMBER,
            _("Overdue ones, and the sum of the others' chances."),
        ),
        Column(
            "expected_low",
            _("At least"),
            Kind.NUMBER,
            _("In 80 of 100 cases it is between this and the next number."),
        ),
        Column("expected_high", _("At most"), Kind.NUMBER),
    ],
    rows=_due,
    filters=AS_OF_NOW,
)


# --- How right they were --------------------------------------------------------------------------
def _coverage(query: ReportQuery) -> Rows:
    titles = query.filters.courses
    order = {course_id: number for number, course_id in enumerate(titles)}
    found = ForecastValidation.objects.filter(course__in=list(titles))
    return [
        _measured(row, titles[row.course_id])
        for row in sorted(found, key=lambda row: (order[row.course_id], row.part))
    ]


def _measured(row: ForecastValidation, title: str) -> tuple:
    shares = (row.coverage, row.coverage_low, row.coverage_high, row.late_expected, row.late_seen)
    is_shown = is_enough(row.enrollments)
    covered, low, high, expected, seen = (
        None if each is None or not is_shown else round(100 * each) for each in shares
    )
    return (
        row.course_id,
        title,
        texts.part_text(row.part),
        "" if row.part == 0 else texts.verdict_text(row.verdict),
        row.enrollments,
        row.forecasts,
        covered,
        low,
        high,
        round(row.width_days, 1) if row.width_days is not None and is_shown else None,
        expected,
        seen,
    )


COVERAGE = Report(
    slug="forecast-coverage",
    title=_("How right forecasts were"),
    group=GROUP,
    description=_(
        "Forecasts as they were stored, compared with what happened: in how many of 100 cases the "
        "day of completion was within the interval, which should be 80."
    ),
    columns=[
        columns.COURSE_ID,
        columns.COURSE,
        Column("part", _("Part of the time")),
        Column("verdict", _("Forecasts")),
        Column("enrollments", _("Enrolments"), Kind.NUMBER, _("The newest whose time is over.")),
        Column("forecasts", _("Stored"), Kind.NUMBER, _("One for each week of an enrolment.")),
        Column("coverage_percent", _("Within"), Kind.PERCENT),
        Column("coverage_low", _("At least"), Kind.PERCENT, _("95 % interval.")),
        Column("coverage_high", _("At most"), Kind.PERCENT),
        Column("width_days", _("Days wide"), Kind.NUMBER, _("Half are narrower. Empty: no end.")),
        Column("late_expected", _("Late, expected"), Kind.PERCENT, _("The mean chance.")),
        Column("late_seen", _("Late, seen"), Kind.PERCENT),
    ],
    rows=_coverage,
    filters=("course",),
)
REPORTS = (PEOPLE, DUE, COVERAGE)
