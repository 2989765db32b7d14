"""Whether scores were as right in one department as in another, for a page and the API."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import RiskByDepartment
from analytics.query.intervals import Interval

MIN_OUTCOMES = 50  # of fewer enrolments, a mean says too little
CLOSE = 0.03  # a mean score that is off by no more counts as right
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Department:
    """The mean score of a department's enrolments, the share of them that wasn't completed on time,
    and by how much scores were too high (too low, if negative), with the bounds of the 95 %
    interval, in percent and points. None where too few enrolments have ended."""

    department: str
    outcomes: int
    label: str
    is_close: bool = False
    is_off: bool = False
    predicted: int | None = None
    seen: int | None = None
    off: int | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Departments:
    """A sentence, and a row for each department."""

    summary: str
    rows: Sequence[Department]


def departments(course_ids: Collection[int]) -> Departments | None:
    """Of scores that were shown in these courses, one statement; None if no department had any."""
    found = RiskByDepartment.objects.filter(course__in=list(course_ids), base__is_active=True)
    sums = found.order_by("department").values_list("department")
    rows = [
        _department(*row)
        for row in sums.annotate(
            Sum("enrollments"), Sum("failed"), Sum("predicted"), Sum("squares")
        )
    ]
    return Departments(_summary(rows), rows) if rows else None


def _department(
    name: str, outcomes: int, failed: int, predicted: float, squares: float
) -> Department:
    if outcomes < MIN_OUTCOMES:
        return Department(name, outcomes, _("Too few have ended"))
    off = (predicted - failed) / outcomes
    interval = _interval(off, outcomes, squares)
    is_close = abs(off) <= CLOSE
    is_off = not is_close and interval.excludes_zero
    return Department(
        department=name,
        outcomes=outcomes,
        label=_label(off, is_close, is_off),
        is_close=is_close,
        is_off=is_off,
        predicted=round(100 * predicted / outcomes),
        seen=round(100 * failed / outcomes),
        off=round(100 * off),
        low=round(100 * interval.low),
        high=round(100 * interval.high),
    )


def _interval(off: float, outcomes: int, squares: float) -> Interval:
    """Of the mean of `outcomes` differences whose squares add up to `squares`."""
    variance = max(squares - outcomes * off * off, 0.0) / (outcomes - 1)
    reach = NORMAL_95 * sqrt(variance / outcomes)
    return Interval(off - reach, off + reach)


def _label(off: float, is_close: bool, is_off: bool) -> str:
    if is_close:
        return _("Within 3 points")
    if not is_off:
        return _("Off by more than 3 points, which may be chance")
    return _("Too high") if off > 0 else _("Too low")


def _summary(rows: Sequence[Department]) -> str:
    """Whether scores were right in each department, first of all where they weren't."""
    known = [row for row in rows if row.off is not None]
    wrong = [row for row in known if row.is_off]
    if not known:
        return _(
            "In no department have %(number)s enrolments with a score ended: whether scores are as "
            "right in one department as in another isn't known yet."
        ) % {"number": MIN_OUTCOMES}
    if wrong:
        return ngettext(
            "In %(off)s of %(count)s department, scores were too high or too low by more than 3 "
            "points: %(names)s. Don't compare learners of different departments by their scores.",
            "In %(off)s of %(count)s departments, scores were too high or too low by more than 3 "
            "points: %(names)s. Don't compare learners of different departments by their scores.",
            len(known),
        ) % {
            "off": len(wrong),
            "count": len(known),
            "names": ", ".join(_named(row) for row in wrong),
        }
    close = sum(row.is_close for row in known)
    return ngettext(
        "In %(close)s of %(count)s department, scores were within 3 points of what happened; in "
        "none were they further off than chance explains.",
        "In %(close)s of %(count)s departments, scores were within 3 points of what happened; in "
        "none were they further off than chance explains.",
        len(known),
    ) % {"close": close, "count": len(known)}


def _named(row: Department) -> str:
    points = row.off or 0
    text = _("%(name)s (%(points)s too high)") if points > 0 else _("%(name)s (%(points)s too low)")
    return text % {"name": row.department, "points": abs(points)}
