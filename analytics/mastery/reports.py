"""How well a group knows each skill, as a table."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.query.filters import AS_OF_NOW
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery
from progress.models import Course
from progress.state.structure import structures_of

from .insight import of_courses


def _rows(query: ReportQuery) -> list[tuple]:
    rows = Course.objects.filter(pk__in=list(query.filters.courses), retired_at=None)
    courses = list(rows.order_by("title", "pk"))
    found = structures_of(courses)
    structures = {course.pk: found[course.pk] for course in courses}
    return [
        (
            row.course_id,
            query.filters.courses[row.course_id],
            row.skill,
            row.learners,
            row.mastered_percent,
            row.mean_percent,
            row.due,
            len(row.contents),
        )
        for row in of_courses(structures, query.filters, query.now)
    ]


SKILLS = Report(
    slug="skills",
    for_managers=True,
    title=_("Mastery by skill"),
    group=_("Progress"),
    description=_("How well learners know the skills of a course, judging by their answers."),
    columns=[
        columns.COURSE_ID,
        columns.COURSE,
        Column("skill", _("Skill")),
        Column(
            "learners",
            _("Learners"),
            Kind.NUMBER,
            _("Current learners with four answers on it; shown for five or more."),
        ),
        Column(
            "mastered_percent",
            _("Mastered it"),
            Kind.PERCENT,
            _("Of these learners, those at 70 % or more; shown for five learners or more."),
        ),
        Column(
            "mean_percent",
            _("Mean mastery"),
            Kind.PERCENT,
            _("The share of correct answers to expect."),
        ),
        Column("due", _("Review due"), Kind.NUMBER, _("Learners whose next review is due.")),
        Column("contents", _("Contents"), Kind.NUMBER, _("The course's contents on this skill.")),
    ],
    rows=_rows,
    filters=AS_OF_NOW,
    link=lambda row: reverse("admin:insight-course", args=[row[0]]),
)
