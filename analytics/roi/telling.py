"""Each figure in words, with its formula and what went into it."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import figures
from .figures import Inputs

FEW = gettext_lazy("In the smallest departments, together")


@dataclass(frozen=True, slots=True)
class Told:
    """`inputs` are (name, value) pairs; `range` is empty for what isn't an estimate."""

    key: str
    title: str
    value: str
    range: str
    formula: str
    inputs: list[tuple[str, str]]


def money(amount: Decimal | None) -> str:
    if amount is None:
        return "–"
    return f"{number_format(amount, 2, force_grouping=True)} {settings.CURRENCY}"


def told(inputs: Inputs) -> list[Told]:
    return [
        _hours(inputs),
        _cost(inputs),
        _completions(inputs),
        _cost_of_completion(inputs),
        _pass_change(inputs),
        _exposure(inputs),
    ]


def _hours(inputs: Inputs) -> Told:
    value = _h(figures.hours(inputs))
    by_department = [
        (name or _("No department"), _h(_hours_of(ms))) for name, ms in _sorted(inputs)
    ]
    if few := sum(inputs.active_ms[name] for name in inputs.small):
        by_department.append((str(FEW), _h(_hours_of(few))))
    return Told(
        "hours",
        _("Time learned"),
        value,
        "",
        _("The credited active time of these days, each minute of a learner counted once."),
        by_department,
    )


def _cost(inputs: Inputs) -> Told:
    by_department = figures.costs(inputs)
    told = [
        (
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
        told.append((str(FEW), money(sum(few, Decimal(0)))))
    if left := figures.uncosted_ms(inputs):
        told.append((_("Without a rate, not in it"), _h(_hours_of(left))))
    return Told(
        "cost",
        _("What the time cost"),
        money(figures.cost(inputs)),
        "",
        _("Hours × hourly rate, department by department."),
        told,
    )


def _completions(inputs: Inputs) -> Told:
    return Told(
        "completions",
        _("Courses completed"),
        _count(inputs.completions),
        "",
        _("Courses that learners completed in these days."),
        [],
    )


def _cost_of_completion(inputs: Inputs) -> Told:
    return Told(
        "cost_of_completion",
        _("For each completion"),
        money(figures.cost_of_completion(inputs)),
        "",
        _("What all the time cost / courses completed: unfinished learning is paid for, too."),
        [
            (_("What the time cost"), money(figures.cost(inputs))),
            (_("Courses completed"), _count(inputs.completions)),
        ],
    )


def _pass_change(inputs: Inputs) -> Told:
    change = figures.pass_change(inputs)
    value, bounds = "–", ""
    if change is not None:
        value = _points(change[0])
        bounds = _between(_points(change[1].low), _points(change[1].high))
    return Told(
        "pass_change",
        _("Passed at the first try"),
        value,
        bounds,
        _(
            "The share of first attempts that passed in these days, minus that of as many days "
            "before; the range holds the difference with 95 % probability (Newcombe)."
        ),
        [
            (_("In these days"), _share(inputs.passed)),
            (_("Before"), _share(inputs.passed_before)),
        ],
    )


def _exposure(inputs: Inputs) -> Told:
    estimate = figures.exposure_hours(inputs)
    count = sum(number for _left, number in inputs.overdue.values())
    details = [(_("Overdue enrolments"), str(count))]
    if unknown := figures.unknown_overdue(inputs):
        details.append((_("Of courses that too few completed, not in it"), str(unknown)))
    value, bounds = "–", ""
    if estimate is not None:
        value = _h(estimate.middle)
        bounds = _between(_h(estimate.low), _h(estimate.high))
    elif not count:
        value = _h(Decimal(0))
    people = ngettext("%(count)s learner", "%(count)s learners", inputs.overdue_learners)
    details.append((_("Of"), people % {"count": inputs.overdue_learners}))
    return Told(
        "exposure",
        _("Work that is overdue"),
        value,
        bounds,
        _(
            "What is left of each overdue enrolment × the time that those took who completed the "
            "course: their median, and their quartiles as the range."
        ),
        details,
    )


def _sorted(inputs: Inputs) -> list[tuple[str, int]]:
    """The departments that are told by name, the busiest first."""
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
