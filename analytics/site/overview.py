"""The first page: who needs attention, how courses are going, where learners drop out, who to
contact."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics import slots
from analytics.alerts import board
from analytics.models import RiskScore
from analytics.query import activity, attention_summary, charts, people
from analytics.query.attention_summary import OfCourse, Summary
from analytics.query.dropout import Dropout, dropouts
from analytics.query.figures import Figure, change, share
from analytics.query.filters import Filters
from analytics.query.scalars import CountOf, scalars
from progress.models import CourseProgress, Enrollment, User
from progress.pages.words import duration

SHOWN = 10
EXPIRES_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course in the list: its current learners, those who are done, those who need attention."""

    pk: int
    title: str
    learners: int
    done_percent: int
    in_need: int
    at_risk: int
    overdue: int

    @property
    def url(self) -> str:
        return reverse("admin:insight-course", args=[self.pk])


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all chosen courses; a learner who takes several counts once."""

    learners: int = 0
    active: int = 0
    completions: int = 0
    completions_before: int = 0
    folded_at: datetime | None = None
    scored_at: datetime | None = None  # None: nothing is scored yet
    alerts: board.AlertCounts = field(default_factory=board.AlertCounts)
    expiring: int | None = None  # None: there are no certificates, or they aren't counted


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page and its API show a reader."""

    as_of: datetime
    sentence: attention_summary.Sentence
    alerts: str
    figures: list[Figure]
    days: charts.Bars | None
    people: list[people.Person]
    needs: int
    has_more: bool
    dropouts: list[Dropout]
    courses: list[CourseRow]
    is_limited: bool  # to a team: the pages of contents are closed then


def overview(filters: Filters, reader: User, now: datetime) -> Overview:
    """The first page of `reader`."""
    found = attention_summary.summary(filters, now, SHOWN)
    counted = _counted(filters)
    rows = [_row(row, filters, found) for row in counted if row["learners"]]
    totals = _totals(filters, reader, counted, now)
    return Overview(
        as_of=now,
        sentence=attention_summary.sentence(found, totals.learners),
        alerts=board.sentence(totals.alerts),
        figures=_figures(filters, rows, totals, now),
        days=activity.time_by_day(filters),
        people=people.listed(found.first, dict(filters.courses), now),
        needs=found.needs,
        has_more=found.needs > SHOWN,
        dropouts=dropouts(filters, now),
        courses=rows,
        is_limited=filters.is_limited,
    )


def _figures(
    filters: Filters, rows: list[CourseRow], totals: Totals, now: datetime
) -> list[Figure]:
    amounts = activity.amounts(filters)
    overdue = sum(row.overdue for row in rows)
    figures = [
        Figure(
            "active",
            _("Active now"),
            str(totals.active),
            _("Learners with an open session and activity within the last two minutes."),
            now,
            amount=totals.active,
        ),
        Figure(
            "completions",
            _("Courses completed"),
            str(totals.completions),
            _("Courses that learners completed in this period, compared with as many days before."),
            now,
            change(totals.completions, totals.completions_before),
            report="completions",
            amount=totals.completions,
            before=totals.completions_before,
            of_period=True,
        ),
        Figure(
            "time",
            _("Time learned"),
            duration(amounts["time_ms"] / 1000),
            _(
                "Credited active time in this period, each minute of a learner counted once."
                " Days are those of each learner's own time zone."
            ),
            totals.folded_at,
            change(amounts["time_ms"], amounts["time_ms_before"]),
            report="days",
            amount=amounts["time_ms"] // 1000,
            unit="seconds",
            before=amounts["time_ms_before"] // 1000,
            of_period=True,
        ),
        Figure(
            "learners",
            _("Active learners"),
            str(amounts["learners"]),
            _("Learners with active time in this period, counted in their own time zones."),
            totals.folded_at,
            change(amounts["learners"], amounts["learners_before"]),
            amount=amounts["learners"],
            before=amounts["learners_before"],
            of_period=True,
        ),
        Figure(
            "overdue",
            _("Overdue"),
            str(overdue),
            _("Enrolments past their due date that aren't complete, here or elsewhere."),
            now,
            report="learners",
            status="overdue",
            amount=overdue,
        ),
    ]
    figures += _at_risk(rows, totals) + _expires(totals, now)
    # Those of the period apart from those of now, each in their order.
    return sorted(figures, key=lambda figure: figure.of_period)


def _at_risk(rows: list[CourseRow], totals: Totals) -> list[Figure]:
    if totals.scored_at is None:
        return []
    counts = _(
        "Open enrolments that can still be completed on time but, according to their scores, are "
        "unlikely to be. Overdue ones aren't included."
    )
    at_risk = sum(row.at_risk for row in rows)
    return [
        Figure("risk", _("At high risk"), str(at_risk), counts, totals.scored_at, amount=at_risk)
    ]


def _expires(totals: Totals, now: datetime) -> list[Figure]:
    if totals.expiring is None:
        return []
    counts = _("Valid certificates that expire within the next 30 days.")
    count = totals.expiring
    return [Figure("expiring", _("Certificates expiring"), str(count), counts, now, amount=count)]


def _expiring(filters: Filters, now: datetime) -> QuerySet | None:
    """None where certificates aren't counted: they know no cohort."""
    certificates = None if filters.cohort else slots.ending(now, now + EXPIRES_WITHIN)
    return None if certificates is None else filters.apply(certificates)


def _counted(filters: Filters) -> list[dict]:
    """The counts of each course that ever had learners, in the order of titles. One statement."""
    rows = filters.apply(CourseProgress.objects.all())
    is_current = Q(enrollment__is_current=True, enrollment__unenrolled_at=None)
    period = filters.period
    counted = (
        rows.values("course_id")
        .annotate(
            learners=Count("pk", filter=is_current),
            done=Count("pk", filter=is_current & Q(completed_at__isnull=False)),
            completions=Count("pk", filter=period.contains("completed_at")),
            completions_before=Count("pk", filter=period.before.contains("completed_at")),
        )
        .order_by()
    )
    place = {course: place for place, course in enumerate(filters.courses)}
    return sorted(counted, key=lambda row: place[row["course_id"]])


def _row(row: dict, filters: Filters, found: Summary) -> CourseRow:
    key, learners = row["course_id"], row["learners"]
    done = share(row["done"], learners)
    own = found.by_course.get(key, OfCourse())
    return CourseRow(
        key,
        filters.courses[key],
        learners,
        done,
        own.in_need,
        own.at_risk,
        own.overdue,
    )


def _totals(filters: Filters, reader: User, counted: list[dict], now: datetime) -> Totals:
    """Over all courses. One statement."""
    # From the enrolments themselves: their rows are a tenth as wide.
    enrolled = filters.apply(Enrollment.objects.active(), enrolled_at="enrolled_at")
    scores = filters.apply(RiskScore.objects.all()).order_by().values(all=Value(1))
    alerts = filters.apply(board.visible(reader, filters.courses))
    expiring = _expiring(filters, now)
    learners, active, folded_at, scored_at, waiting, of_learners, mine, *expire = scalars(
        [
            CountOf(enrolled.order_by().values("user_id").distinct()),
            CountOf(activity.live(filters, now).order_by().values("user_id").distinct()),
            activity.folded(),
            scores.annotate(latest=Max("as_of")).values("latest"),
            *board.counted_alerts(alerts, reader),
            *([] if expiring is None else [CountOf(expiring.order_by().values("pk"))]),
        ],
        enrolled.db,
    )
    return Totals(
        learners=learners,
        active=active,
        completions=sum(row["completions"] for row in counted),
        completions_before=sum(row["completions_before"] for row in counted),
        folded_at=folded_at,
        scored_at=scored_at,
        alerts=board.AlertCounts(waiting, of_learners, mine),
        expiring=expire[0] if expire else None,
    )
