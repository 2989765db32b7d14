"""The state of courses and learners: the reports that most readers open first."""

from datetime import datetime

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.models import LearnerDay
from analytics.query import attention
from analytics.query.duty import is_overdue
from analytics.query.figures import share
from analytics.query.filters import AS_OF_NOW, ExtraFilter
from analytics.query.minimum_sample import is_enough
from analytics.query.people import learner_url, reason_text
from analytics.reporting import columns
from analytics.reporting.report import Column, Days, Kind, Report, ReportQuery, Rows
from progress.models import CourseProgress, LearningSession, fulfilled_outside

GROUP = _("Progress")


def current():
    """The progress of current enrolments."""
    return CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )


# --- Courses -------------------------------------------------------------------------------------
def _courses(query: ReportQuery) -> Rows:
    counted = (
        query.filters.apply(current())
        .order_by()
        .values("course_id")
        .annotate(
            learners=Count("pk"),
            started=Count("pk", filter=Q(total_sessions__gt=0)),
            complete=Count("pk", filter=Q(completed_at__isnull=False)),
            overdue=Count("pk", filter=is_overdue(query.now)),
            seconds=Sum("time_ms") / 1000,
            bp=Sum("completion_bp"),
        )
    )
    by_course = {row["course_id"]: row for row in counted}
    return [
        _course(pk, title, by_course[pk])
        for pk, title in query.filters.courses.items()
        if pk in by_course
    ]


def _course(pk: int, title: str, row: dict) -> tuple:
    learners, complete = row["learners"], row["complete"]
    is_shown = is_enough(learners)
    return (
        pk,
        title,
        learners,
        row["started"],
        complete,
        share(complete, learners) if is_shown else None,
        row["bp"] // learners // 100 if is_shown else None,
        row["overdue"],
        row["seconds"] if is_shown else None,
    )


COURSES = Report(
    slug="courses",
    for_managers=True,
    title=_("Courses"),
    group=GROUP,
    description=_("The state of the current enrolments of each course."),
    columns=[
        columns.COURSE_ID,
        columns.COURSE,
        Column("learners", _("Learners"), Kind.NUMBER, _("Current enrolments.")),
        Column("started", _("Started"), Kind.NUMBER, _("With a session, however short.")),
        Column("complete", _("Complete"), Kind.NUMBER),
        Column("complete_percent", _("Share complete"), Kind.PERCENT, _("Rounded down.")),
        Column(
            "mean_percent",
            _("Mean done"),
            Kind.PERCENT,
            _("Over all enrolments, including those at 0."),
        ),
        Column(
            "overdue",
            _("Overdue"),
            Kind.NUMBER,
            _("Past the due date and not complete, here or elsewhere."),
        ),
        Column("active_seconds", _("Active time"), Kind.SECONDS, _("Credited, of all learners.")),
    ],
    rows=_courses,
    filters=AS_OF_NOW,
    link=lambda row: reverse("admin:insight-course", args=[row[0]]),
)


# --- Learners ------------------------------------------------------------------------------------
def _learners(query: ReportQuery) -> Rows:
    sessions = LearningSession.objects.filter(
        enrollment=OuterRef("pk"), user=OuterRef("user")
    ).order_by("-start_time")
    return (
        query.filters.apply(current())
        .filter(_stands(query.filters.extra.get("status"), query.now))
        .order_by("user__full_name", "user__username", "pk")
        .values_list(
            "pk",
            "user__full_name",
            "user__username",
            "user__email",
            "user__department",
            "course__title",
            "enrollment__enrolled_at",
            "enrollment__due_at",
            "completion_bp",
            "completed_at",
            "time_ms",
            "total_sessions",
            Subquery(sessions.values("last_activity_at")[:1]),
            fulfilled_outside(query.now),
            "course_id",
            "user_id",
        )
    )


def _stands(status: str | None, now: datetime) -> Q:
    is_open = Q(completed_at=None)
    return {
        None: Q(),
        "complete": ~is_open,
        "open": is_open,
        "not_started": is_open & Q(total_sessions=0),
        "overdue": is_overdue(now),
        "outside": is_open & fulfilled_outside(now),
    }[status]


STATUSES = [
    ("complete", _("Complete")),
    ("open", _("Not complete")),
    ("not_started", _("Not started")),
    ("overdue", _("Overdue")),
    ("outside", _("Completed elsewhere")),
]


def _learner(row: tuple) -> tuple:
    pk, name, username, *rest = row[:14]
    *facts, bp, completed_at, time_ms, sessions, seen, is_outside = rest
    return (
        pk,
        name or username,
        username,
        *facts,
        bp // 100,
        completed_at,
        time_ms // 1000,
        sessions,
        seen,
        is_outside,
    )


LEARNERS = Report(
    slug="learners",
    for_managers=True,
    title=_("Learners"),
    group=GROUP,
    description=_(
        "Every current enrolment: progress, time and last activity, as the learner sees them."
    ),
    columns=[
        columns.ENROLMENT,
        columns.LEARNER,
        columns.USERNAME,
        columns.EMAIL,
        columns.DEPARTMENT,
        columns.COURSE,
        columns.ENROLLED,
        columns.DUE,
        Column("percent", _("Done"), Kind.PERCENT, _("Rounded down.")),
        columns.COMPLETED,
        columns.ACTIVE_TIME,
        columns.SESSIONS,
        Column("last_seen", _("Last seen"), Kind.MOMENT),
        Column(
            "completed_elsewhere",
            _("Completed elsewhere"),
            Kind.FLAG,
            _("Validly, by an outside completion; it changes no percentage and no time."),
        ),
    ],
    rows=_learners,
    filters=AS_OF_NOW,
    extra_filters={"status": ExtraFilter(_("Status"), _("Everybody"), STATUSES)},
    to_row=_learner,
    link=lambda row: learner_url(row[-2], row[-1]),
)


# --- Completions ---------------------------------------------------------------------------------
def _completions(query: ReportQuery) -> Rows:
    """In all cycles, including earlier ones and those of learners who left."""
    rows = query.filters.apply(CourseProgress.objects.all()).filter(
        query.filters.period.contains("completed_at")
    )
    return rows.order_by("-completed_at", "pk").values_list(
        "pk",
        "user__full_name",
        "user__username",
        "user__department",
        "course__title",
        "enrollment__enrolled_at",
        "completed_at",
        "time_ms",
    )


def _completion(row: tuple) -> tuple:
    pk, name, username, *facts, time_ms = row
    return (pk, name or username, username, *facts, time_ms // 1000)


COMPLETIONS = Report(
    slug="completions",
    for_managers=True,
    title=_("Completions"),
    group=GROUP,
    description=_("Who completed what in this period, in any cycle of enrolment."),
    columns=[
        columns.ENROLMENT,
        *columns.LEARNER_IN_COURSE,
        columns.ENROLLED,
        columns.COMPLETED,
        columns.ACTIVE_TIME,
    ],
    rows=_completions,
    to_row=_completion,
)


# --- Who needs attention -------------------------------------------------------------------------
def _needs(query: ReportQuery) -> Rows:
    """Written as text row by row, as most rows are never looked at."""
    found = attention.rows(query.filters, query.now)
    person = ("user__full_name", "user__username", "user__department", "course__title")
    return found.values_list(*attention.COLUMNS, *person)


def _who_needs(query: ReportQuery, rows: list[tuple]) -> list[tuple]:
    """(need, name, department, course)."""
    needs = attention.from_rows(query.filters, rows, query.now)
    people = [row[len(attention.COLUMNS) :] for row in rows]
    return [
        (need, name or username, department, course)
        for need, (name, username, department, course) in zip(needs, people, strict=True)
    ]


def _need(row: tuple) -> tuple:
    need, name, department, course = row
    return (
        need.enrollment_id,
        name,
        department,
        course,
        reason_text(need),
        need.completion_bp // 100,
        need.since,
        need.due_at,
    )


NEEDS = Report(
    slug="needs",
    for_managers=True,
    title=_("Who needs you"),
    group=GROUP,
    description=_(
        "Never started, stalled, or failing the same quiz again; the earliest due date first."
    ),
    columns=[
        columns.ENROLMENT,
        columns.LEARNER,
        columns.DEPARTMENT,
        columns.COURSE,
        Column("reason", _("Why")),
        Column("percent", _("Done"), Kind.PERCENT),
        Column("since", _("Since"), Kind.MOMENT),
        columns.DUE,
    ],
    rows=_needs,
    filters=AS_OF_NOW,
    join=_who_needs,
    to_row=_need,
    link=lambda row: learner_url(row[0].course_id, row[0].user_id),
)


# --- Day by day ----------------------------------------------------------------------------------
def _days(query: ReportQuery) -> Rows:
    """Days of the learners' own time zones; days with few learners show only how many."""
    period = query.filters.period
    rows = query.filters.apply(
        LearnerDay.objects.filter(day__gte=period.since, day__lte=period.until)
    )
    counted = (
        rows.order_by("day")
        .values_list("day")
        .annotate(
            learners=Count("user", distinct=True, filter=Q(active_ms__gt=0)),
            active_ms=Sum("active_ms"),
            sessions=Sum("sessions"),
            contents=Sum("contents_completed"),
            attempts=Sum("quiz_attempts"),
            distractions=Sum("distractions"),
        )
    )
    return [_day(*row) for row in counted]


def _day(day, learners: int, active_ms: int, *amounts: int) -> tuple:
    if not is_enough(learners):
        return (day, learners, None, *[None] * len(amounts))
    return (day, learners, active_ms // 1000, *amounts)


DAYS = Report(
    slug="days",
    for_managers=True,
    title=_("Day by day"),
    group=GROUP,
    description=_("What was learned on each day, in the learners' own time zones."),
    columns=[
        Column("day", _("Day"), Kind.DAY),
        Column("learners", _("Learners"), Kind.NUMBER, _("With active time.")),
        columns.ACTIVE_TIME,
        columns.SESSIONS,
        columns.CONTENTS_FINISHED,
        Column("quiz_attempts", _("Quiz attempts"), Kind.NUMBER, _("Submitted.")),
        columns.DISTRACTIONS,
    ],
    rows=_days,
    days=Days.LEARNER,
)
