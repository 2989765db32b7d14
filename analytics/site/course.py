"""A course: who needs attention, how far its learners are, where they stop, how groups compare."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from django.db.models import Count, DateField, Q, Subquery, Value
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.mastery import insight as mastery
from analytics.paths import insight as paths
from analytics.query import activity, attention, charts
from analytics.query.dropout import GONE_AFTER
from analytics.query.figures import Figure, share
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import ContentProgress, Course, CourseProgress
from progress.pages.words import duration
from progress.state.structure import Structure, structure_of

from . import cohorts, roster

DAY = 86_400
SOON = timedelta(weeks=4)


class EnrollmentState(NamedTuple):
    """How far an enrolment is, as needed for figures over many; `cohort` is the first day of a
    month."""

    user_id: int
    department: str
    enrolled_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    bp: int
    time_ms: int
    cohort: date


@dataclass(frozen=True, slots=True)
class CourseInsight:
    """What is shown of a course, on its page and by the API."""

    course: Course
    as_of: datetime
    sentence: attention.Sentence
    figures: list[Figure]
    distribution: charts.Bars | None
    to_complete: charts.Bars | None
    funnel: list["Step"]
    groups: list["Groups"]
    cohorts: cohorts.Comparison | None
    roster: roster.Roster
    skills: list[mastery.GroupSkill]
    paths: paths.CoursePaths | None

    @property
    def is_compared(self) -> bool:
        return any(each.rows for each in self.groups)


def insight(
    course: Course, filters: Filters, asked: roster.RosterQuery, now: datetime
) -> CourseInsight:
    structure = structure_of(course)
    found = attention.needs(filters, now)
    states = _states(filters)
    counted = _by_content(filters, now)
    counts = _counts(filters, structure, now)
    return CourseInsight(
        course=course,
        as_of=now,
        sentence=attention.sentence(found, len(states)),
        figures=_figures(states, counts["active"] or 0, now),
        distribution=distribution(states),
        to_complete=time_to_complete(states),
        funnel=_funnel(structure, counted, counts, len(states)),
        groups=[_by_department(states, now), _by_cohort(states, now)],
        cohorts=cohorts.compared(
            (cohorts.Member(s.cohort, s.enrolled_at, s.completed_at) for s in states), now
        ),
        roster=roster.page(filters, found, asked, now),
        skills=mastery.of_course(structure, filters, now),
        paths=paths.of_course(structure, filters, counted),
    )


def _states(filters: Filters) -> list[EnrollmentState]:
    rows = CourseProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    columns = (
        "user_id",
        "user__department",
        "enrollment__enrolled_at",
        "enrollment__due_at",
        "completed_at",
        "completion_bp",
        "time_ms",
        TruncMonth("enrollment__enrolled_at", output_field=DateField()),
    )
    return [EnrollmentState(*row) for row in filters.apply(rows).values_list(*columns)]


def _figures(states: list[EnrollmentState], active: int, now: datetime) -> list[Figure]:
    done = [each for each in states if each.completed_at]
    overdue = [s for s in states if not s.completed_at and s.due_at and s.due_at < now]
    figures = [
        Figure(
            "learners",
            _("Learners"),
            str(len(states)),
            _("Current enrolments of people who haven't left."),
            now,
            amount=len(states),
        ),
        Figure(
            "complete",
            _("Complete"),
            f"{share(len(done), len(states))} %",
            _("The share of these enrolments that is complete."),
            now,
            _("%(count)s learners") % {"count": len(done)} if done else "",
            amount=share(len(done), len(states)),
            unit="percent",
        ),
        Figure(
            "active",
            _("Active now"),
            str(active),
            _("Learners with an open session and activity within the last two minutes."),
            now,
            shows="now",
            amount=active,
        ),
        Figure(
            "overdue",
            _("Overdue"),
            str(len(overdue)),
            _("Enrolments past their due date that aren't complete."),
            now,
            shows="overdue",
            amount=len(overdue),
        ),
    ]
    return figures + _medians(done, now)


def _medians(done: list[EnrollmentState], now: datetime) -> list[Figure]:
    if not is_enough(len(done)):
        return []
    days = round(median(_seconds_to_complete(each) for each in done) / DAY)
    figures = [
        Figure(
            "days",
            _("To completion"),
            ngettext("%(count)s day", "%(count)s days", days) % {"count": days},
            _("The median from enrolment to completion, over those who are complete."),
            now,
            amount=days,
            unit="days",
        ),
    ]
    effort = median_seconds(done)
    if effort is None:
        return figures
    return [
        *figures,
        Figure(
            "effort",
            _("Time it takes"),
            duration(effort),
            _("The median of credited active time, over those who began and are complete."),
            now,
            amount=round(effort),
            unit="seconds",
        ),
    ]


def median_seconds(states: Iterable[EnrollmentState]) -> float | None:
    """The median of credited active time, over those who have any; None for fewer than five."""
    times = [each.time_ms for each in states if each.time_ms]
    return median(times) / 1000 if is_enough(len(times)) else None


def _seconds_to_complete(state: EnrollmentState) -> float:
    assert state.completed_at is not None
    return max((state.completed_at - state.enrolled_at).total_seconds(), 0)


# --- How far they are ----------------------------------------------------------------------------
def distribution(states: Iterable[EnrollmentState]) -> charts.Bars | None:
    """How many learners are at 0 %, in between, and at 100 %."""
    parts = [(0, 0), (1, 24), (25, 49), (50, 74), (75, 99), (100, 100)]
    # Less than a whole percent is a beginning all the same.
    begun = [max(each.bp // 100, 1) if each.bp else 0 for each in states]
    return charts.bars(
        [
            (_range(low, high), count, str(count))
            for low, high in parts
            for count in [sum(low <= percent <= high for percent in begun)]
        ]
    )


def _range(low: int, high: int) -> str:
    return f"{low} %" if low == high else f"{low}–{high} %"


def time_to_complete(states: Iterable[EnrollmentState]) -> charts.Bars | None:
    """How many weeks after enrolment learners completed it; None for fewer than five of them."""
    weeks = [int(_seconds_to_complete(s) // (7 * DAY)) + 1 for s in states if s.completed_at]
    if not is_enough(len(weeks)):
        return None
    last = min(max(weeks), 26)
    counts = [sum(min(week, last) == n for week in weeks) for n in range(1, last + 1)]
    return charts.bars(
        [
            (_("Week %(number)s") % {"number": n}, count, str(count))
            for n, count in enumerate(counts, 1)
        ]
    )


# --- Where they stop -----------------------------------------------------------------------------
class Reached(NamedTuple):
    """Learners who began a content, completed it, left it unfinished for two weeks, and
    submitted answers to it."""

    begun: int = 0
    done: int = 0
    left: int = 0
    handed_in: int = 0


NOBODY = Reached()


@dataclass(frozen=True, slots=True)
class Step:
    """A content in the funnel, or a module, which has no `begun` and `left`."""

    title: str
    url: str
    is_module: bool
    done: int
    done_percent: int
    begun: int = 0
    begun_percent: int = 0
    left: int = 0
    content_id: int | None = None


def _funnel(
    structure: Structure, counted: Mapping[int, Reached], counts: Mapping[str, int], learners: int
) -> list[Step]:
    steps = []
    for module in structure.modules:
        done = counts[f"module_{module.id}"]
        steps.append(Step(module.title, "", True, done, share(done, learners)))
        for facts in module.active:
            reached = counted.get(facts.id, NOBODY)
            url = reverse("admin:insight-content", args=[facts.id])
            steps.append(
                Step(
                    facts.title,
                    url,
                    False,
                    reached.done,
                    share(reached.done, learners),
                    reached.begun,
                    share(reached.begun, learners),
                    reached.left,
                    facts.id,
                )
            )
    return steps


def _by_content(filters: Filters, now: datetime) -> dict[int, Reached]:
    rows = ContentProgress.objects.filter(
        enrollment__is_current=True, enrollment__unenrolled_at=None
    )
    gone = Q(completed_at=None, last_event_at__lt=now - GONE_AFTER)
    counted = (
        filters.apply(rows, course="enrollment__course")
        .values("content_id")
        .annotate(
            begun=Count("pk"),
            done=Count("pk", filter=Q(completed_at__isnull=False)),
            left=Count("pk", filter=gone),
            handed_in=Count("pk", filter=Q(best_score_bp__isnull=False)),
        )
    )
    return {row.pop("content_id"): Reached(**row) for row in counted}


def _counts(filters: Filters, structure: Structure, now: datetime) -> Mapping[str, int]:
    """How many completed each module (`module_1`), and how many are `active` now. One statement."""
    is_current = Q(enrollment__is_current=True, enrollment__unenrolled_at=None)
    live = activity.live(filters, now).order_by().values(all=Value(1))
    counted = (
        filters.apply(CourseProgress.objects.all())
        .order_by()
        .values("course_id")
        .annotate(
            active=Subquery(live.annotate(count=Count("user", distinct=True)).values("count")),
            **{
                f"module_{module.id}": Count(
                    "pk",
                    filter=is_current & Q(**{f"module_progress__{module.id}__is_complete": True}),
                )
                for module in structure.modules
            },
        )
    )
    return next(iter(counted), defaultdict(int))


# --- How groups compare --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group; `query` is the query string that shows only this group.

    `soon_percent` compares groups that began at different times: of those enrolled four weeks ago
    or more, the share that completed within four weeks; None for fewer than five.
    """

    name: str
    query: str
    learners: int
    done_percent: int
    soon_percent: int | None
    mean_percent: int
    seconds: float | None  # the median of active time, over those who began

    @property
    def time(self) -> str:
        return "–" if self.seconds is None else duration(self.seconds)


@dataclass(frozen=True, slots=True)
class Groups:
    """A comparison; `hidden` learners belong to groups that are too small."""

    title: str
    head: str
    rows: list[GroupRow]
    hidden: int


def _by_department(states: Iterable[EnrollmentState], now: datetime) -> Groups:
    grouped = defaultdict(list)
    for each in states:
        grouped[each.department].append(each)
    named = [
        (name or _("No department"), urlencode({"department": name}) if name else "", group)
        for name, group in sorted(grouped.items())
    ]
    return _groups(_("By department"), _("Department"), named, now)


def _by_cohort(states: Iterable[EnrollmentState], now: datetime) -> Groups:
    grouped = defaultdict(list)
    for each in states:
        grouped[each.cohort].append(each)
    named = [
        (date_format(month, "YEAR_MONTH_FORMAT"), f"cohort={month:%Y-%m}", group)
        for month, group in sorted(grouped.items())
    ]
    return _groups(_("By month of enrolment"), _("Enrolled"), named, now)


def _groups(
    title: str, head: str, grouped: list[tuple[str, str, list[EnrollmentState]]], now: datetime
) -> Groups:
    rows = [_row(*each, now) for each in grouped if is_enough(len(each[2]))]
    hidden = sum(len(group) for *_names, group in grouped if not is_enough(len(group)))
    return Groups(title, head, rows, hidden)


def _row(name: str, query: str, group: list[EnrollmentState], now: datetime) -> GroupRow:
    done = sum(each.completed_at is not None for each in group)
    return GroupRow(
        name,
        query,
        len(group),
        share(done, len(group)),
        _soon(group, now),
        sum(each.bp for each in group) // len(group) // 100,
        median_seconds(group),
    )


def _soon(group: list[EnrollmentState], now: datetime) -> int | None:
    ripe = [each for each in group if each.enrolled_at <= now - SOON]
    if not is_enough(len(ripe)):
        return None
    done = sum(
        each.completed_at is not None and each.completed_at <= each.enrolled_at + SOON
        for each in ripe
    )
    return share(done, len(ripe))
