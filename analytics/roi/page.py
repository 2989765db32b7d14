"""The page on what learning costs and what came of it, and its table by department."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.query import activity, page_request
from analytics.query.amounts import amounts, completions
from analytics.query.minimum_sample import is_enough
from analytics.query.scope import titles_for
from analytics.reporting.report import Column, Days, Kind, Report, ReportQuery, Rows
from progress.operations.replica import on_replica
from progress.pages.zone import in_own_zone

from . import figures, presentation, queries
from .figures import Inputs


@in_own_zone
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filters = page_request.filters_of(request, titles_for(request.user))
    with on_replica():
        inputs, learners = queries.inputs(filters, now)
        shown = {
            "title": _("Cost and return"),
            "filters": filters.form,
            "period": filters.period,
            "learners": learners,
            "figures": presentation.shown_figures(inputs) if is_enough(learners) else [],
            "folded_at": activity.folded().first(),
            "may_set_rates": request.user.has_perm("analytics.change_hourlyrate"),
        }
        frame = admin.site.each_context(request)
        return TemplateResponse(request, "dashboards/roi.html", frame | shown).render()


def _departments(query: ReportQuery) -> Rows:
    rates = queries.rates()
    found = amounts(query.filters, "user__department")
    done = completions(query.filters, "user__department")
    return [_row(name, found[name], done.get(name, 0), rates) for name in sorted(found)]


def _row(name: str, row: dict, completed: int, rates: dict) -> tuple:
    if not is_enough(row["learners"]):
        return (name, row["learners"], *[None] * 5)
    inputs = Inputs({name: row["active_ms"]}, rates, completed, (0, 0), (0, 0))
    rate, cost = figures.rate_of(rates, name), figures.cost(inputs)
    each = figures.cost_of_completion(inputs)
    money = [None if amount is None else float(amount) for amount in (rate, cost, each)]
    return (
        name,
        row["learners"],
        row["active_ms"] // 1000,
        money[0],
        money[1],
        completed,
        money[2],
    )


DEPARTMENTS = Report(
    slug="cost-departments",
    title=gettext_lazy("Cost by department"),
    group=gettext_lazy("Cost and return"),
    description=gettext_lazy("What the time learned in this period cost, and what was completed."),
    columns=[
        Column("department", gettext_lazy("Department")),
        Column("learners", gettext_lazy("Learners"), Kind.NUMBER),
        Column("active_seconds", gettext_lazy("Active time"), Kind.SECONDS),
        Column("rate", gettext_lazy("Hourly rate"), Kind.NUMBER),
        Column("cost", gettext_lazy("Cost"), Kind.NUMBER, gettext_lazy("Hours × rate.")),
        Column("completions", gettext_lazy("Courses completed"), Kind.NUMBER),
        Column(
            "cost_of_completion",
            gettext_lazy("Per completion"),
            Kind.NUMBER,
            gettext_lazy("Cost / courses completed."),
        ),
    ],
    rows=_departments,
    days=Days.LEARNER,
)
