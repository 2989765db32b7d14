"""A course: who needs attention, how far its learners are, where they stop, how groups compare."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import NamedTuple

from django.db.models import Count, Q, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.mastery import insight as mastery
from analytics.paths import insight as paths
from analytics.query import activity, attention_summary, charts
from analytics.query.dropout import GONE_AFTER
from analytics.query.figures import Figure, share
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import ContentProgress, Course, CourseProgress
from progress.pages.words import duration
from progress.state.structure import Structure, structure_of

from . import cohorts, roster
from .course_enrollments import (
    EnrollmentState,
    distribution,
    enrollment_states,
    median_seconds,
    time_to_complete,
)
from .course_groups import Groups, by_cohort, by_department

DAY = 86_400


@dataclass(frozen=True, slots=True)
class CourseInsight:
    """What is shown of a course, on its page and by the API."""

    course: Course
    as_of: datetime
    sentence: attention_summary.Sentence
    figures: list[Figure]
    distribution: charts.Bars | None
    to_complete: charts.Bars | None
    funnel: list["Step"]
    groups: list[Groups]
    cohorts: cohorts.Comparison | None
    roster: roster.Roster
    skills: list[mastery.GroupSkill]
    paths: paths.CoursePaths | None  # not for managers: how a course is built isn't theirs to see
    has_links: bool  # to the pages of contents, which count everybody

    @property
    def is_compared(self) -> bool:
        return any(each.rows for each in self.groups)


def insight(
    course: Course, filters: Filters, query: roster.RosterQuery, now: datetime
) -> CourseInsight:
    structure = structure_of(course)
    found = attention_summary.summary(filters, now)
    states = enrollment_states(filters, now)
    counted = _by_content(filters, now)
    counts = _counts(filters, structure, now)
    return CourseInsight(
        course=course,
        as_of=now,
        sentence=attention_summary.sentence(found, len(states)),
        figures=_figures(states, counts["active"] or 0, now),
        distribution=distribution(states),
        to_complete=time_to_complete(states),
        funnel=_funnel(structure, counted, counts, len(states)),
        groups=[by_department(states, now), by_cohort(states, now)],
        cohorts=cohorts.compared(
            (cohorts.Member(s.cohort, s.enrolled_at, s.completed_at) for s in states), now
        ),
        roster=roster.page(filters, query, now),
        skills=mastery.of_course(structure, filters, now),
        has_links=not filters.is_limited,
        paths=None if filters.is_limited else paths.of_course(structure, filters, counted),
    )


def _figures(states: list[EnrollmentState], active: int, now: datetime) -> list[Figure]:
    done = [each for each in states if each.completed_at]
    overdue = [each for each in states if each.is_overdue_at(now)]
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
            _("Enrolments past their due date that aren't complete, here or elsewhere."),
            now,
            shows="overdue",
            amount=len(overdue),
        ),
    ]
    return figures + _medians(done, now)


def _medians(done: list[EnrollmentState], now: datetime) -> list[Figure]:
    if not is_enough(len(done)):
        return []
    days = round(median(each.seconds_to_complete for each in done) / DAY)
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
        for content in module.active:
            reached = counted.get(content.id, NOBODY)
            url = reverse("admin:insight-content", args=[content.id])
            steps.append(
                Step(
                    content.title,
                    url,
                    False,
                    reached.done,
                    share(reached.done, learners),
                    reached.begun,
                    share(reached.begun, learners),
                    reached.left,
                    content.id,
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
