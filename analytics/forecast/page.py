"""The planners' page: how many will be late with what, who they are, what some hours this week
would change, and how right such forecasts were."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from django import forms
from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import CompletionForecast, ForecastValidation
from analytics.query import page_request
from analytics.query.filters import AS_OF_NOW, ExtraFilter, Filters, filters_from
from analytics.query.minimum_sample import is_enough
from analytics.query.people import learner_url
from analytics.query.scope import SeenCourses, seen_by
from progress.operations.replica import on_replica
from progress.pages.words import duration
from progress.pages.zone import in_own_zone

from . import planning, texts
from .planning import DueCount, Outlook
from .what_if import MAX_HOURS, WhatIf, what_if

PER_PAGE = 25
DATES_SHOWN = 20
HOURS = {
    "hours": ExtraFilter(
        _("Hours this week"), "", None, summary=_("With %(value)s h of learning this week")
    )
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An open enrolment. `chance` is in percent; `planned` texts are those with the hours asked
    about."""

    name: str
    department: str
    url: str
    course: str
    outlook: str
    is_late: bool
    due_at: datetime | None
    percent: int
    left: str
    days: str
    why_not: str
    chance: int | None
    planned_days: str = ""
    planned_chance: int | None = None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """How right forecasts of a part of a course's time were, in percent."""

    course: str
    part: str
    label: str
    is_shown: bool
    enrollments: int
    coverage: int | None
    low: int | None
    high: int | None
    width: float | None


@in_own_zone
def page(request: HttpRequest) -> HttpResponse:
    """`?hours=` is what each of the people on the page would spend in the coming week."""
    now = timezone.now()
    filters = filters_from(request.GET, seen_by(request.user), allowed=AS_OF_NOW, extra=HOURS)
    page_request.check(filters.form, request.GET, also=("page",))
    hours = _hours(filters)
    with on_replica():
        counts = planning.due_counts(filters, now)
        rows = planning.by_chance(planning.open_rows(filters, now))
        people = Paginator(rows.values_list(*COLUMNS), PER_PAGE).get_page(request.GET.get("page"))
        shown = {
            "title": _("Who will be late"),
            "filters": filters.form,
            "now": now,
            "sentence": _sentence(counts),
            "counts": counts[:DATES_SHOWN],
            "more_counts": max(len(counts) - DATES_SHOWN, 0),
            "people": _people(people, hours, now),
            "page": people,
            "hours": hours,
            "coverage": _coverage(filters),
        }
        frame = admin.site.each_context(request)
        return TemplateResponse(request, "dashboards/forecast.html", frame | shown).render()


def _hours(filters: Filters) -> float | None:
    """Raises Refused unless they are a number that fits in a week."""
    text = filters.extra.get("hours")
    if text is None:
        return None
    try:
        hours = float(text.replace(",", "."))
    except ValueError:
        hours = float("nan")
    if not isfinite(hours) or not 0 <= hours <= MAX_HOURS:
        reason = _("It must be a number of hours, from 0 to 40.")
        raise page_request.Refused([("hours", reason)], forms.Form())
    return hours


def _sentence(counts: list[DueCount]) -> str:
    """Who is late and will be, over all due dates, as far as that is known."""
    learners = sum(each.learners - each.complete for each in counts)
    if not learners:
        return _("Nobody has anything left to do by a due date.")
    unknown = sum(each.unknown for each in counts)
    overdue = sum(each.overdue for each in counts)
    if unknown + overdue == learners:
        return ngettext(
            "%(overdue)s of %(count)s open enrolment with a due date is overdue. Who else will be "
            "late isn't known: forecasts haven't proved right yet.",
            "%(overdue)s of %(count)s open enrolments with a due date are overdue. Who else will "
            "be late isn't known: forecasts haven't proved right yet.",
            learners,
        ) % {"overdue": overdue, "count": learners}
    late = sum(each.overdue + each.late for each in counts)
    at_risk = sum(each.at_risk for each in counts)
    return ngettext(
        "Of %(count)s open enrolment with a due date, %(late)s is or will be late, and %(risk)s "
        "may be.",
        "Of %(count)s open enrolments with a due date, %(late)s are or will be late, and %(risk)s "
        "may be.",
        learners,
    ) % {"count": learners, "late": late, "risk": at_risk}


COLUMNS = (
    "pk",
    "course_id",
    "user_id",
    "user__full_name",
    "user__username",
    "user__department",
    "course__title",
    "outlook",
    "late_chance",
    "enrollment__due_at",
    "completion_bp",
    "enrollment__forecast__left_seconds",
    "enrollment__forecast__first_at",
    "enrollment__forecast__last_at",
    "enrollment__forecast__insufficient",
)


def _people(rows: Page, hours: float | None, now: datetime) -> list[PersonRow]:
    found = list(rows)
    planned: dict[int, WhatIf] = {}
    if hours is not None and found:
        planned = what_if([(row[0], row[1]) for row in found], hours, now)
    return [_person(row, planned.get(row[0])) for row in found]


def _person(row: tuple, planned: WhatIf | None) -> PersonRow:
    _pk, course_id, user_id, name, username, department, course, outlook, chance, *rest = row
    due_at, bp, left, first, last, insufficient = rest
    then = planned.then if planned else None
    return PersonRow(
        name=name or username,
        department=department,
        url=learner_url(course_id, user_id),
        course=course,
        outlook=str(Outlook(outlook).label),
        is_late=outlook in (Outlook.OVERDUE, Outlook.LATE),
        due_at=due_at,
        percent=bp // 100,
        left="" if left is None else duration(left),
        days=texts.span_text(first, last),
        why_not=texts.reason_text(insufficient or ""),
        chance=None if outlook == Outlook.OVERDUE else _percent(chance),
        planned_days=_days(then),
        planned_chance=_percent(then.late_chance) if then else None,
    )


def _days(forecast: CompletionForecast | None) -> str:
    return texts.span_text(forecast.first_at, forecast.last_at) if forecast else ""


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _coverage(filters: Filters) -> list[CoverageRow]:
    """Of the courses whose learners the reader sees all: a whole course's figures can't be limited
    to a team."""
    courses = filters.courses
    whole = courses.whole if isinstance(courses, SeenCourses) else courses.keys()
    titles = {pk: title for pk, title in courses.items() if pk in whole}
    order = {course_id: number for number, course_id in enumerate(titles)}
    rows = ForecastValidation.objects.filter(course__in=list(titles), enrollments__gt=0)
    return [
        _coverage_row(row, titles[row.course_id])
        for row in sorted(rows, key=lambda row: (order[row.course_id], row.part))
    ]


def _coverage_row(row: ForecastValidation, title: str) -> CoverageRow:
    is_known = is_enough(row.enrollments)
    covered, low, high = (
        _percent(each) if is_known else None
        for each in (row.coverage, row.coverage_low, row.coverage_high)
    )
    return CoverageRow(
        course=title,
        part=texts.part_text(row.part),
        label=texts.verdict_text(row.verdict) if row.part else "",
        is_shown=row.part > 0 and row.verdict == ForecastValidation.Verdict.VALID,
        enrollments=row.enrollments,
        coverage=covered,
        low=low,
        high=high,
        width=row.width_days if is_known else None,
    )
