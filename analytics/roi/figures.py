"""What learning costs and what came of it. Values in, values out; each figure with its formula.

The return itself isn't computed: only the organisation can say what a completed course is worth.
Amounts that are estimates have a range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from analytics.query.intervals import Interval, newcombe

HOUR_MS = 3_600_000
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What figures are computed from, for a period and the chosen filters.

    `active_ms` and `rates` (the cost of an hour) are by department. `effort_ms` holds, by course,
    the quartiles of the credited time of learners who completed it. `overdue` holds, by course, how
    much its overdue enrolments still have to do (1 is a whole course) and how many these are.
    `passed` and `passed_before` are (passed, submitted) first attempts. `small` names departments
    of fewer than five learners, whose time is only shown added up.
    """

    active_ms: Mapping[str, int]
    rates: Mapping[str, Decimal]
    completions: int
    passed: tuple[int, int]
    passed_before: tuple[int, int]
    effort_ms: Mapping[int, tuple[int, int, int]] = field(default_factory=dict)
    overdue: Mapping[int, tuple[Decimal, int]] = field(default_factory=dict)
    overdue_learners: int = 0
    small: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate: where it lies, and its middle."""

    low: Decimal
    middle: Decimal
    high: Decimal


def hours(inputs: Inputs) -> Decimal:
    """Credited active time, in hours."""
    return _hours(sum(inputs.active_ms.values()))


def costs(inputs: Inputs) -> dict[str, Decimal]:
    """Hours × rate by department; departments without a rate are left out."""
    return {
        name: _money(_hours(ms) * rate)
        for name, ms in inputs.active_ms.items()
        if (rate := rate_of(inputs.rates, name)) is not None
    }


def rate_of(rates: Mapping[str, Decimal], department: str) -> Decimal | None:
    """A department's own rate, or the default rate, which is stored under the empty name."""
    return rates.get(department, rates.get(""))


def uncosted_ms(inputs: Inputs) -> int:
    """Active time of departments without a rate."""
    return sum(ms for name, ms in inputs.active_ms.items() if rate_of(inputs.rates, name) is None)


def cost(inputs: Inputs) -> Decimal | None:
    """The sum of all costs; None if there is active time, but no rate for any of it."""
    by_department = costs(inputs)
    if not by_department and inputs.active_ms:
        return None
    return sum(by_department.values(), Decimal(0))


def cost_of_completion(inputs: Inputs) -> Decimal | None:
    """All costs divided by completions: unfinished learning is paid for, too."""
    spent = cost(inputs)
    if spent is None or not inputs.completions:
        return None
    return _money(spent / inputs.completions)


def pass_change(inputs: Inputs) -> tuple[float, Interval] | None:
    """The change of the share of first attempts that passed, −1 to 1, with its interval."""
    if not inputs.passed[1] or not inputs.passed_before[1]:
        return None
    now, before = (part / whole for part, whole in (inputs.passed, inputs.passed_before))
    return now - before, newcombe(inputs.passed, inputs.passed_before)


def exposure_hours(inputs: Inputs) -> Range | None:
    """The hours that overdue enrolments still need, if they take as long as others took.

    The range is that of the quartiles of learners who completed; None if it isn't known for any
    overdue course how long it takes.
    """
    left_by_course = {
        pk: left for pk, (left, _count) in inputs.overdue.items() if pk in inputs.effort_ms
    }
    if not left_by_course:
        return None
    low, middle, high = (
        sum(left * inputs.effort_ms[pk][quartile] for pk, left in left_by_course.items()) / HOUR_MS
        for quartile in range(3)
    )
    return Range(*(Decimal(each).quantize(Decimal("0.1")) for each in (low, middle, high)))


def unknown_overdue(inputs: Inputs) -> int:
    """Counts overdue enrolments of courses that too few learners completed to know their length."""
    return sum(count for pk, (_l, count) in inputs.overdue.items() if pk not in inputs.effort_ms)


def _hours(ms: int) -> Decimal:
    return Decimal(ms) / HOUR_MS


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
