"""The board: how each requirement stands, who is late, and what ends soon."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.dashboards.figures import share
from analytics.dashboards.filters import chosen
from analytics.dashboards.people import learner_url
from analytics.dashboards.scope import titles_for
from analytics.models import Requirement
from analytics.reports.report import Asked
from progress.pages.zone import in_own_zone
from progress.replica import on_replica

from . import reading, reports
from .reading import Obligation
from .standing import MISSING, State

LATE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A requirement: how many people it concerns, and how they stand."""

    requirement: Requirement
    people: int
    complete: int
    complete_percent: int
    due_soon: int
    overdue: int
    expired: int
    exempt: int


@dataclass(frozen=True, slots=True)
class Late:
    obligation: Obligation
    url: str  # nowhere, for who was never enrolled
    days: int | None


@in_own_zone
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    narrowed = chosen(request.GET, titles_for(request.user))
    with on_replica():
        found = reading.requirements(narrowed)
        all_ = reading.obligations(found, now, narrowed.department)
        today = timezone.localdate(now, timezone.get_default_timezone())
        late = missing(all_)
        ending = reports.expiries(Asked(request.user, narrowed, now))
        shown = {
            "title": _("Compliance"),
            "filters": narrowed.form,
            "now": now,
            "sentence": sentence(all_),
            "lines": lines(found, all_),
            "late": [_late(each, today) for each in late[:LATE_SHOWN]],
            "more_late": max(len(late) - LATE_SHOWN, 0),
            "expiries": ending,
            "may_change": request.user.has_perm("analytics.change_requirement"),
        }
        frame = admin.site.each_context(request)
        return TemplateResponse(request, "dashboards/compliance.html", frame | shown).render()


def sentence(all_: Iterable[Obligation]) -> str:
    all_ = list(all_)
    if not all_:
        return _("Nothing is required of anybody yet.")
    people = {each.person.user_id for each in all_}
    missing = {each.person.user_id for each in all_ if each.state in MISSING}
    if not missing:
        return _("Nobody is late with what they must have completed.")
    told = ngettext(
        "%(count)s of %(all)s people is late with what they must have completed.",
        "%(count)s of %(all)s people are late with what they must have completed.",
        len(missing),
    )
    return told % {"count": len(missing), "all": len(people)}


def lines(found: list[Requirement], all_: Iterable[Obligation]) -> list[Line]:
    counted: dict[int, Counter] = {each.pk: Counter() for each in found}
    for each in all_:
        counted[each.requirement.pk][each.state] += 1
    return [_line(each, counted[each.pk]) for each in found]


def _line(requirement: Requirement, states: Counter) -> Line:
    people = states.total()
    # Who is exempt isn't asked for anything.
    asked = people - states[State.EXEMPT]
    return Line(
        requirement,
        people,
        states[State.COMPLETE],
        share(states[State.COMPLETE], asked),
        states[State.DUE_SOON],
        states[State.OVERDUE],
        states[State.EXPIRED],
        states[State.EXEMPT],
    )


def missing(all_: Iterable[Obligation]) -> list[Obligation]:
    """Who is late, for the longest first."""
    found = [each for each in all_ if each.state in MISSING]
    return sorted(found, key=lambda each: (each.due_on or date.max, each.person.name))


def _late(each: Obligation, today: date) -> Late:
    way = (each.requirement.course_id, each.person.user_id)
    return Late(
        each,
        learner_url(*way) if each.has_passage else "",
        (today - each.due_on).days if each.due_on else None,
    )
