"""The figures of cost and return as they are shown: computed once, for the page and the API."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import figures
from .figures import Inputs

FEW = gettext_lazy("In the smallest departments, together")


class FigureInput(NamedTuple):
    """What went into a figure, as text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure with its formula and inputs: `amount`, `low` and `high` for programs, in `unit`
    (None if unknown); `text` for pages, and `range_text`, empty if it isn't an estimate."""

    key: str
    title: str
    unit: str
    amount: Decimal | float | None
    text: str
    formula: str
    inputs: list[FigureInput]
    low: Decimal | float | None = None
    high: Decimal | float | None = None
    range_text: str = ""


def money(amount: Decimal | None) -> str:
    if amount is None:
        return "–"
    return f"{number_format(amount, 2, force_grouping=True)} {settings.CURRENCY}"


def shown_figures(inputs: Inputs) -> list[ShownFigure]:
    return [
        _hours(inputs),
        _cost(inputs),
        _completions(inputs),
        _cost_of_completion(inputs),
        _pass_change(inputs),
        _exposure(inputs),
    ]


def _hours(inputs: Inputs) -> ShownFigure:
    hours = figures.hours(inputs)
    by_department = [
        FigureInput(name or _("No department"), _h(_hours_of(ms))) for name, ms in _sorted(inputs)
    ]
    if few := sum(inputs.active_ms[name] for name in inputs.small):
        by_department.append(FigureInput(str(FEW), _h(_hours_of(few))))
    return ShownFigure(
        "hours",
        _("Time learned"),
        "hours",
        hours,
        _h(hours),
        _("The credited active time of these days, each minute of a learner counted once."),
        by_department,
    )


def _cost(inputs: Inputs) -> ShownFigure:
    by_department, cost = figures.costs(inputs), figures.cost(inputs)
    details = [
        FigureInput(
            name or _("No department"),
            _("%(hours)s × %(rate)s = %(cost)s")
            % {
                "hours": _h(_hours_of(inputs.active_ms[name])),
                "rate": money(figures.rate_of(inputs.rates, name)),
                "cost": money(by_department[name]),
            },
        )
        for name, _ms in _sorted(inputs)
        if name in by_department
    ]
    if few := [by_department[name] for name in inputs.small if name in by_department]:
        details.append(FigureInput(str(FEW), money(sum(few, Decimal(0)))))
    if left := figures.uncosted_ms(inputs):
        details.append(FigureInput(_("Without a rate, not included"), _h(_hours_of(left))))
    return ShownFigure(
        "cost",
        _("What the time cost"),
        "currency",
        cost,
        money(cost),
        _("Hours × hourly rate, department by department."),
        details,
    )


def _completions(inputs: Inputs) -> ShownFigure:
    return ShownFigure(
        "completions",
        _("Courses completed"),
        "count",
        inputs.completions,
        _count(inputs.completions),
        _("Courses that learners completed in these days."),
        [],
    )


def _cost_of_completion(inputs: Inputs) -> ShownFigure:
    each = figures.cost_of_completion(inputs)
    return ShownFigure(
        "cost_of_completion",
        _("Per completion"),
        "currency",
        each,
        money(each),
        _("What all the time cost / courses completed: unfinished learning is paid for, too."),
        [
            FigureInput(_("What the time cost"), money(figures.cost(inputs))),
            FigureInput(_("Courses completed"), _count(inputs.completions)),
        ],
    )


def _pass_change(inputs: Inputs) -> ShownFigure:
    change = figures.pass_change(inputs)
    amount, interval = change if change is not None else (None, None)
    return ShownFigure(
        "pass_change",
        _("Passed on the first try"),
        "share",
        amount,
        "–" if amount is None else _points(amount),
        _(
            "The share of first attempts that passed in this period, minus that of as many days "
            "before; the range holds the difference with 95 % probability (Newcombe)."
        ),
        [
            FigureInput(_("In these days"), _share(inputs.passed)),
            FigureInput(_("Before"), _share(inputs.passed_before)),
        ],
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        range_text=_between(_points(interval.low), _points(interval.high)) if interval else "",
    )


def _exposure(inputs: Inputs) -> ShownFigure:
    estimate = figures.exposure_hours(inputs)
    count = sum(number for _left, number in inputs.overdue.values())
    details = [FigureInput(_("Overdue enrolments"), str(count))]
    if unknown := figures.unknown_overdue(inputs):
        details.append(
            FigureInput(_("Of courses that too few completed, not included"), str(unknown))
        )
    text = "–" if count else _h(Decimal(0))
    people = ngettext("%(count)s learner", "%(count)s learners", inputs.overdue_learners)
    details.append(FigureInput(_("Of"), people % {"count": inputs.overdue_learners}))
    return ShownFigure(
        "exposure",
        _("Work that is overdue"),
        "hours",
        estimate.middle if estimate else None,
        _h(estimate.middle) if estimate else text,
        _(
            "What is left of each overdue enrolment × the time taken by those who completed the "
            "course: their median, and their quartiles as the range."
        ),
        details,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        range_text=_between(_h(estimate.low), _h(estimate.high)) if estimate else "",
    )


def _sorted(inputs: Inputs) -> list[tuple[str, int]]:
    """The departments that are listed by name, the busiest first."""
    named = [each for each in inputs.active_ms.items() if each[0] not in inputs.small]
    return sorted(named, key=lambda each: -each[1])


def _hours_of(ms: int) -> Decimal:
    return Decimal(ms) / figures.HOUR_MS


def _h(hours: Decimal) -> str:
    return _("%(hours)s h") % {"hours": number_format(round(hours, 1), 1, force_grouping=True)}


def _count(number: int) -> str:
    return number_format(number, force_grouping=True)


def _between(low: str, high: str) -> str:
    return _("between %(low)s and %(high)s") % {"low": low, "high": high}


def _points(change: float) -> str:
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return _("%(points)s points") % {"points": f"{sign}{abs(100 * change):.1f}"}


def _share(counts: tuple[int, int]) -> str:
    part, whole = counts
    if not whole:
        return _("fewer than five learners")
    return _("%(part)s of %(whole)s (%(percent)s %%)") % {
        "part": part,
        "whole": whole,
        "percent": round(100 * part / whole, 1),
    }
