"""The board: how each requirement stands, who is late, and what ends soon."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import Requirement
from analytics.query import page_request
from analytics.query.figures import share
from analytics.query.people import learner_url
from analytics.query.scope import titles_for
from analytics.reporting.report import ReportQuery
from progress.operations.replica import on_replica
from progress.pages.zone import in_own_zone

from . import reading, reports
from .reading import Obligation
from .standing import MISSING, State
from .words import STATES

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
    state: str


@in_own_zone
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filters = page_request.filters_of(request, titles_for(request.user), allowed=reports.CONCERNED)
    with on_replica():
        found = reading.requirements(filters.courses)
        stands = standing(found, reading.obligations(found, now, filters.department))
        today = timezone.localdate(now, timezone.get_default_timezone())
        ending = reports.expiries(ReportQuery(request.user, filters, now))
        shown = {
            "title": _("Compliance"),
            "filters": filters.form,
            "now": now,
            "sentence": stands.sentence,
            "lines": stands.lines,
            "late": [_late(each, today) for each in stands.late],
            "more_late": stands.late_count - len(stands.late),
            "expiries": ending,
            "may_change": request.user.has_perm("analytics.change_requirement"),
        }
        frame = admin.site.each_context(request)
        return TemplateResponse(request, "dashboards/compliance.html", frame | shown).render()


@dataclass(frozen=True, slots=True)
class Standing:
    """How all requirements stand; `late` are the first of those who are, for the longest first."""

    lines: list[Line]
    people: int
    late_people: int
    late_count: int
    late: list[Obligation]

    @property
    def sentence(self) -> str:
        if not self.people:
            return _("Nothing is required of anybody yet.")
        if not self.late_people:
            return _("Nobody is late with what they must have completed.")
        told = ngettext(
            "%(count)s of %(all)s people is late with what they must have completed.",
            "%(count)s of %(all)s people are late with what they must have completed.",
            self.late_people,
        )
        return told % {"count": self.late_people, "all": self.people}


class _Adding:
    """Adds up what goes through it, and hands on who is late. A person's come together."""

    def __init__(self, found: list[Requirement]):
        self.states: dict[int, Counter] = {each.pk: Counter() for each in found}
        self.people = self.late_people = self.late_count = 0

    def late(self, obligations: Iterable[Obligation]) -> Iterator[Obligation]:
        for _person, own in groupby(obligations, key=lambda each: each.person.user_id):
            self.people += 1
            late = 0
            for each in own:
                self.states[each.requirement.pk][each.state] += 1
                if each.state in MISSING:
                    late += 1
                    yield each
            self.late_people += late > 0
            self.late_count += late


def standing(found: list[Requirement], obligations: Iterable[Obligation]) -> Standing:
    """Adds up what may be many, keeping only the first who are late."""
    adding = _Adding(found)
    late = heapq.nsmallest(
        LATE_SHOWN,
        adding.late(obligations),
        key=lambda each: (each.due_on or date.max, each.person.name),
    )
    return Standing(
        [_line(each, adding.states[each.pk]) for each in found],
        adding.people,
        adding.late_people,
        adding.late_count,
        late,
    )


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


def _late(each: Obligation, today: date) -> Late:
    way = (each.requirement.course_id, each.person.user_id)
    return Late(
        each,
        learner_url(*way) if each.has_passage else "",
        (today - each.due_on).days if each.due_on else None,
        str(STATES[each.state]),
    )
