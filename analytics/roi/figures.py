"""What learning costs and what came of it. Values in, values out; each figure with its formula.

Nothing here is the return itself: what a completed course is worth, an organisation has to say.
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
    """Of a period and narrowed as asked.

    `active_ms` and `rates` (an hour's cost) are by department; `effort_ms` are the quartiles of the
    credited time of those who have completed, by course; `overdue` is, for each course, the sum of
    what is left to its overdue enrolments (1 is a whole course) and how many they are. `passed` and
    `passed_before` are (passed, submitted) first attempts. `small` are the departments of
    fewer than five learners, whose time is added up.
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
    """Hours × rate by department; departments without a rate (nor a usual one) are left out."""
    return {
        name: _money(_hours(ms) * rate)
        for name, ms in inputs.active_ms.items()
        if (rate := rate_of(inputs.rates, name)) is not None
    }


def rate_of(rates: Mapping[str, Decimal], department: str) -> Decimal | None:
    """A department's own rate, or the usual one, which has no name."""
    return rates.get(department, rates.get(""))


def uncosted_ms(inputs: Inputs) -> int:
    """Active time of departments that no rate is known for."""
    return sum(ms for name, ms in inputs.active_ms.items() if rate_of(inputs.rates, name) is None)


def cost(inputs: Inputs) -> Decimal | None:
    """None while no rate is known for any time."""
    told = costs(inputs)
    return sum(told.values(), Decimal(0)) if told or not inputs.active_ms else None


def cost_of_completion(inputs: Inputs) -> Decimal | None:
    """All that was spent by what was completed: unfinished learning is paid for, too."""
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

    Within the quartiles of those who have completed; None when nothing is known of how long any of
    the overdue courses takes.
    """
    known = {pk: left for pk, (left, _count) in inputs.overdue.items() if pk in inputs.effort_ms}
    if not known:
        return None
    low, middle, high = (
        sum(left * inputs.effort_ms[pk][at] for pk, left in known.items()) / HOUR_MS
        for at in range(3)
    )
    return Range(*(Decimal(each).quantize(Decimal("0.1")) for each in (low, middle, high)))


def unknown_overdue(inputs: Inputs) -> int:
    """Overdue enrolments of courses that too few have completed to know how long they take."""
    return sum(count for pk, (_l, count) in inputs.overdue.items() if pk not in inputs.effort_ms)


def _hours(ms: int) -> Decimal:
    return Decimal(ms) / HOUR_MS


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
