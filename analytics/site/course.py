"""A course: who needs attention, how far its learners are, where they stop, how groups compare."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.mastery import insight as mastery
from analytics.paths import insight as paths
from analytics.query import activity, attention_summary, charts
from analytics.query.figures import Figure, share
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import Course
from progress.pages.words import duration
from progress.state.structure import structure_of

from . import cohorts, roster
from .course_contents import Step, by_content, funnel
from .course_enrollments import (
    SECOND,
    EnrollmentGroup,
    distribution,
    enrollment_groups,
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
    funnel: list[Step]
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
    enrolled = enrollment_groups(filters, now, [module.id for module in structure.modules])
    learners = sum(each.learners for each in enrolled)
    counted = by_content(structure, filters, now)
    return CourseInsight(
        course=course,
        as_of=now,
        sentence=attention_summary.sentence(found, learners),
        figures=_figures(enrolled, activity.active_now(filters, now), now),
        distribution=distribution(enrolled),
        to_complete=time_to_complete(enrolled),
        funnel=funnel(structure, counted, enrolled),
        groups=[by_department(enrolled), by_cohort(enrolled)],
        cohorts=cohorts.compared(enrolled, now),
        roster=roster.page(filters, query, now, learners),
        skills=mastery.of_course(structure, filters, now),
        has_links=not filters.is_limited,
        paths=None if filters.is_limited else paths.of_course(structure, filters, counted),
    )


def _figures(enrolled: list[EnrollmentGroup], active: int, now: datetime) -> list[Figure]:
    learners = sum(each.learners for each in enrolled)
    done = sum(len(each.took) for each in enrolled)
    overdue = sum(each.overdue for each in enrolled)
    figures = [
        Figure(
            "learners",
            _("Learners"),
            str(learners),
            _("Current enrolments of people who haven't left."),
            now,
            amount=learners,
        ),
        Figure(
            "complete",
            _("Complete"),
            f"{share(done, learners)} %",
            _("The share of these enrolments that is complete."),
            now,
            _("%(count)s learners") % {"count": done} if done else "",
            amount=share(done, learners),
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
            str(overdue),
            _("Enrolments past their due date that aren't complete, here or elsewhere."),
            now,
            shows="overdue",
            amount=overdue,
        ),
    ]
    return figures + _medians(enrolled, now)


def _medians(enrolled: list[EnrollmentGroup], now: datetime) -> list[Figure]:
    took = [max(each, 0) / SECOND for group in enrolled for each in group.took]
    if not is_enough(len(took)):
        return []
    days = round(median(took) / DAY)
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
    effort = median_seconds([each for group in enrolled for each in group.done_times_ms])
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
