"""Engagement as tables: by content, module, course, department and learner."""

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.models import LearnerDay
from analytics.query.amounts import amounts, completions
from analytics.query.minimum_sample import is_enough
from analytics.query.people import learner_url
from analytics.reporting import columns
from analytics.reporting.report import Column, Days, Kind, Report, ReportQuery, Rows
from progress.models import CourseProgress

from .queries import ContentEngagement, content_engagement, max_begun, totals_by
from .quiz_reports import REPORTS as QUIZZES
from .score import EngagementTotals, parts, per_hour, score

GROUP = _("Engagement")
SCORE = Column(
    "score", _("Engagement"), Kind.NUMBER, _("0 to 100; shown for five learners or more.")
)
BEGUN = Column("begun", _("Began"), Kind.NUMBER, _("Current enrolments with an event in it."))
FINISH = Column("finish_percent", _("Finish"), Kind.PERCENT, _("Of those who finished or left it."))
DONE = Column("done_percent", _("Done"), Kind.PERCENT, _("The mean over all who began."))
DISTRACTIONS = Column(
    "distractions_per_hour",
    _("Distractions per hour"),
    Kind.NUMBER,
    _("Per hour of active time in this period: tab switches and losses of focus."),
)
ACTIVE = Column("active_seconds", _("Active time"), Kind.SECONDS, _("Credited in this period."))


def _measures(totals: EngagementTotals, learners: int) -> tuple:
    """Score, began, complete, left, finish, done, distractions per hour; None for few learners."""
    if not is_enough(learners):
        return (None, totals.begun, *[None] * 5)
    percents = {name: round(100 * value) for name, value in parts(totals).items()}
    measures = (percents.get("finish"), percents.get("seen"), per_hour(totals))
    return (score(totals), totals.begun, totals.complete, totals.left, *measures)


MEASURES = [
    SCORE,
    BEGUN,
    Column("complete", _("Finished"), Kind.NUMBER),
    Column("left", _("Left"), Kind.NUMBER, _("Unfinished, and no event for fourteen days.")),
    FINISH,
    DONE,
    DISTRACTIONS,
]


# --- Contents, modules ---------------------------------------------------------------------------
def _contents(query: ReportQuery) -> Rows:
    return [
        (
            content.content_id,
            content.title,
            content.content_type,
            content.module,
            content.course,
            *_measures(content.totals, content.totals.begun),
            content.time_ms // 1000 if is_enough(content.totals.begun) else None,
        )
        for content in content_engagement(query.filters, query.now)
    ]


CONTENTS = Report(
    slug="engagement-contents",
    title=_("Engagement by content"),
    group=GROUP,
    description=_("How well each content keeps those who begin it."),
    columns=[
        Column("content_id", _("Number"), Kind.NUMBER, off_page=True),
        Column("content", _("Content")),
        Column("content_type", _("Type")),
        columns.MODULE,
        columns.COURSE,
        *MEASURES,
        Column("active_seconds", _("Active time"), Kind.SECONDS, _("Credited, of all who began.")),
    ],
    rows=_contents,
    link=lambda row: reverse("admin:insight-content", args=[row[0]]),
    days=Days.LEARNER,
)


def _modules(query: ReportQuery) -> Rows:
    found = content_engagement(query.filters, query.now)
    totals, learners = totals_by(found, "module_id"), max_begun(found, "module_id")
    first: dict[int, ContentEngagement] = {}
    for content in found:
        first.setdefault(content.module_id, content)
    return [
        (pk, content.module, content.course, *_measures(totals[pk], learners[pk]))
        for pk, content in first.items()
    ]


MODULES = Report(
    slug="engagement-modules",
    title=_("Engagement by module"),
    group=GROUP,
    description=_(
        "The same for each module, summed over its contents that at least five learners began."
    ),
    columns=[
        Column("module_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.MODULE,
        columns.COURSE,
        *MEASURES,
    ],
    rows=_modules,
    days=Days.LEARNER,
)


# --- Courses, departments ------------------------------------------------------------------------
def _amounts_row(row: dict, completions: int) -> tuple:
    learners, active_ms = row["learners"], row["active_ms"]
    if not is_enough(learners):
        return (learners, *[None] * 8)
    totals = EngagementTotals(distractions=row["distractions"], active_ms=active_ms)
    return (
        learners,
        active_ms // 1000,
        active_ms // learners // 1000,
        row["sessions"],
        row["covered_ms"] // 1000,
        row["replayed_ms"] // 1000,
        row["contents"],
        completions,
        per_hour(totals),
    )


AMOUNTS = [
    Column("learners", _("Learners"), Kind.NUMBER, _("With active time in this period.")),
    ACTIVE,
    Column("mean_seconds", _("Per learner"), Kind.SECONDS),
    Column("sessions", _("Sessions"), Kind.NUMBER, _("By day: one over midnight counts twice.")),
    Column("covered_seconds", _("Newly covered"), Kind.SECONDS, _("Of films and recordings.")),
    Column("replayed_seconds", _("Replayed"), Kind.SECONDS, _("Of films and recordings.")),
    columns.CONTENTS_FINISHED,
    Column("completions", _("Courses completed"), Kind.NUMBER),
    DISTRACTIONS,
]


def _courses(query: ReportQuery) -> Rows:
    found = amounts(query.filters, "course_id")
    done = completions(query.filters, "course_id")
    contents = content_engagement(query.filters, query.now)
    totals, begun = totals_by(contents, "course_id"), max_begun(contents, "course_id")
    return [
        (
            pk,
            title,
            _measures(totals[pk], begun[pk])[0],
            *_amounts_row(found[pk], done.get(pk, 0)),
        )
        for pk, title in query.filters.courses.items()
        if pk in found
    ]


COURSES = Report(
    slug="engagement-courses",
    title=_("Engagement by course"),
    group=GROUP,
    description=_(
        "What was done in each course in this period, and how well its contents keep learners."
    ),
    columns=[
        columns.COURSE_ID,
        columns.COURSE,
        SCORE,
        *AMOUNTS,
    ],
    rows=_courses,
    link=lambda row: reverse("admin:insight-course", args=[row[0]]),
    days=Days.LEARNER,
)


def _departments(query: ReportQuery) -> Rows:
    found = amounts(query.filters, "user__department")
    done = completions(query.filters, "user__department")
    return [(name, *_amounts_row(found[name], done.get(name, 0))) for name in sorted(found)]


DEPARTMENTS = Report(
    slug="engagement-departments",
    title=_("Engagement by department"),
    group=GROUP,
    description=_("What was done in this period by each department."),
    columns=[columns.DEPARTMENT, *AMOUNTS],
    rows=_departments,
    days=Days.LEARNER,
)


# --- Learners ------------------------------------------------------------------------------------
def _learners(query: ReportQuery) -> Rows:
    period = query.filters.period
    days = (
        LearnerDay.objects.filter(
            enrollment=OuterRef("pk"),
            user=OuterRef("user"),
            day__gte=period.since,
            day__lte=period.until,
        )
        .order_by()
        .values("enrollment")
    )
    sums = ("active_ms", "sessions", "replayed_ms", "withheld_ms", "distractions")
    activity = JSONObject(
        days=Count("day", distinct=True, filter=Q(active_ms__gt=0)),
        **{name: Sum(name) for name in sums},
    )
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    return (
        query.filters.apply(rows)
        .order_by("user__full_name", "user__username", "pk")
        .values_list(
            "pk",
            "user__full_name",
            "user__username",
            "user__department",
            "course__title",
            "completion_bp",
            Subquery(days.annotate(activity=activity).values("activity")),
            "course_id",
            "user_id",
        )
    )


NO_ACTIVITY = dict.fromkeys(
    ("days", "active_ms", "sessions", "replayed_ms", "withheld_ms", "distractions"), 0
)


def _learner(row: tuple) -> tuple:
    pk, name, username, department, course, bp, activity = row[:7]
    activity = activity or NO_ACTIVITY
    totals = EngagementTotals(
        distractions=activity["distractions"], active_ms=activity["active_ms"]
    )
    return (
        pk,
        name or username,
        username,
        department,
        course,
        bp // 100,
        activity["days"],
        activity["active_ms"] // 1000,
        activity["sessions"],
        activity["replayed_ms"] // 1000,
        activity["withheld_ms"] // 1000,
        per_hour(totals),
    )


LEARNERS = Report(
    slug="engagement-learners",
    for_managers=True,
    title=_("Engagement by learner"),
    group=GROUP,
    description=_("What each learner did in this period, course by course."),
    columns=[
        columns.ENROLMENT,
        *columns.LEARNER_IN_COURSE,
        Column("percent", _("Done"), Kind.PERCENT, _("Now, rounded down.")),
        Column("days", _("Active days"), Kind.NUMBER),
        ACTIVE,
        columns.SESSIONS,
        Column("replayed_seconds", _("Replayed"), Kind.SECONDS),
        Column(
            "withheld_seconds",
            _("Withheld"),
            Kind.SECONDS,
            _("Reported, but more than the time that had passed."),
        ),
        DISTRACTIONS,
    ],
    rows=_learners,
    to_row=_learner,
    link=lambda row: learner_url(row[-2], row[-1]),
    days=Days.LEARNER,
)

REPORTS = (CONTENTS, MODULES, COURSES, DEPARTMENTS, LEARNERS, *QUIZZES)
