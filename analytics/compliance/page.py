"""The compliance page: the state of each requirement, late people, expiring certificates."""

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
from analytics.query.scope import seen_by
from analytics.reporting.report import ReportQuery
from progress.operations.replica import on_replica
from progress.pages.zone import in_own_zone

from . import queries, reports
from .obligation_state import LATE_STATES, STATE_LABELS, ObligationState
from .queries import Obligation

LATE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement, and the number of people in each state."""

    requirement: Requirement
    people: int
    complete: int
    complete_outside: int  # of these, by a completion elsewhere
    complete_percent: int
    due_soon: int
    overdue: int
    expired: int
    exempt: int


@dataclass(frozen=True, slots=True)
class LateRow:
    obligation: Obligation
    url: str  # empty for people who were never enrolled
    days: int | None
    state: str


@in_own_zone
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filters = page_request.filters_of(request, seen_by(request.user), allowed=reports.CONCERNED)
    with on_replica():
        found = queries.requirements(filters.courses)
        all_ = queries.obligations(found, now, filters.department, filters.courses)
        summary = summarize(found, all_)
        today = timezone.localdate(now, timezone.get_default_timezone())
        ending = reports.expiries(ReportQuery(request.user, filters, now))
        shown = {
            "title": _("Compliance"),
            "filters": filters.form,
            "now": now,
            "sentence": summary.sentence,
            "rows": summary.rows,
            "late": [_late_row(each, today) for each in summary.late],
            "more_late": summary.late_count - len(summary.late),
            "expiries": ending,
            "may_change": request.user.has_perm("analytics.change_requirement"),
        }
        frame = admin.site.each_context(request)
        return TemplateResponse(request, "dashboards/compliance.html", frame | shown).render()


@dataclass(frozen=True, slots=True)
class ComplianceSummary:
    """All requirements together; `late` are the first late obligations, longest overdue first."""

    rows: list[RequirementRow]
    people: int
    late_people: int
    late_count: int
    late: list[Obligation]

    @property
    def sentence(self) -> str:
        if not self.people:
            return _("There are no requirements yet.")
        if not self.late_people:
            return _("Nobody is late with required training.")
        text = ngettext(
            "%(count)s of %(all)s people is late with required training.",
            "%(count)s of %(all)s people are late with required training.",
            self.late_people,
        )
        return text % {"count": self.late_people, "all": self.people}


class _Totals:
    """Counts obligations as they pass, and yields the late ones. They come sorted by person."""

    def __init__(self, found: list[Requirement]):
        self.states: dict[int, Counter] = {each.pk: Counter() for each in found}
        self.outside: Counter = Counter()
        self.people = self.late_people = self.late_count = 0

    def late(self, obligations: Iterable[Obligation]) -> Iterator[Obligation]:
        for _person, own in groupby(obligations, key=lambda each: each.person.user_id):
            self.people += 1
            late = 0
            for each in own:
                self.states[each.requirement.pk][each.state] += 1
                self.outside[each.requirement.pk] += each.is_fulfilled_outside
                if each.state in LATE_STATES:
                    late += 1
                    yield each
            self.late_people += late > 0
            self.late_count += late


def summarize(found: list[Requirement], obligations: Iterable[Obligation]) -> ComplianceSummary:
    """Counts any number of obligations, keeping only the first late ones."""
    totals = _Totals(found)
    late = heapq.nsmallest(
        LATE_SHOWN,
        totals.late(obligations),
        key=lambda each: (each.due_on or date.max, each.person.name),
    )
    return ComplianceSummary(
        [_requirement_row(each, totals.states[each.pk], totals.outside[each.pk]) for each in found],
        totals.people,
        totals.late_people,
        totals.late_count,
        late,
    )


def _requirement_row(requirement: Requirement, states: Counter, outside: int) -> RequirementRow:
    people = states.total()
    # Nothing is required of exempt people.
    required = people - states[ObligationState.EXEMPT]
    return RequirementRow(
        requirement,
        people,
        states[ObligationState.COMPLETE],
        outside,
        share(states[ObligationState.COMPLETE], required),
        states[ObligationState.DUE_SOON],
        states[ObligationState.OVERDUE],
        states[ObligationState.EXPIRED],
        states[ObligationState.EXEMPT],
    )


def _late_row(each: Obligation, today: date) -> LateRow:
    return LateRow(
        each,
        learner_url(each.requirement.course_id, each.person.user_id) if each.has_passage else "",
        (today - each.due_on).days if each.due_on else None,
        str(STATE_LABELS[each.state]),
    )
