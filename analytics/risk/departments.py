"""Whether scores were as right in one department as in another, for a page and the API."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import RiskByDepartment
from analytics.query.intervals import LEVEL, Interval

MIN_OUTCOMES = 50  # of fewer enrolments, a mean says too little
CLOSE = 0.03  # a mean score that is off by no more counts as right


@dataclass(frozen=True)
class Sums:
    """Of a department's enrolments with a score whose time is over: their number, how many failed,
    the sum of their scores as probabilities, and of the squares of score less outcome."""

    department: str
    outcomes: int
    failed: int
    predicted: float
    squares: float

    @property
    def off(self) -> float:
        return (self.predicted - self.failed) / self.outcomes

    @property
    def variance(self) -> float:
        """Of `off`."""
        spread = max(self.squares - self.outcomes * self.off**2, 0.0) / (self.outcomes - 1)
        return spread / self.outcomes

    @property
    def is_enough(self) -> bool:
        return self.outcomes >= MIN_OUTCOMES


@dataclass(frozen=True)
class Department:
    """The mean score of a department's enrolments, the share of them that wasn't completed on time,
    and by how much scores were too high (too low, if negative), with the bounds of the interval, in
    percent and points. None where too few enrolments have ended.

    `differs` says whether scores were further off than in the other departments; None without any.
    """

    department: str
    outcomes: int
    label: str
    is_close: bool = False
    is_off: bool = False
    differs: bool | None = None
    predicted: int | None = None
    seen: int | None = None
    off: int | None = None
    low: int | None = None
    high: int | None = None

    @property
    def is_named(self) -> bool:
        """Whether its scores can't be compared with those of others. Where scores are off in every
        department alike, none is named."""
        return self.is_off and self.differs is not False


@dataclass(frozen=True)
class Departments:
    """A sentence, and a row for each department."""

    summary: str
    rows: Sequence[Department]


def departments(course_ids: Collection[int]) -> Departments | None:
    """Of scores that were shown in these courses, one statement; None if no department had any."""
    found = RiskByDepartment.objects.filter(course__in=list(course_ids), base__is_active=True)
    sums = found.order_by("department").values_list("department")
    return compared(
        [
            Sums(*row)
            for row in sums.annotate(
                Sum("enrollments"), Sum("failed"), Sum("predicted"), Sum("squares")
            )
        ]
    )


def compared(sums: Sequence[Sums]) -> Departments | None:
    """What is said of these departments. None of no department.

    The more departments are looked at, the more of them are off by chance: so intervals contain all
    true values together with a probability of 95 %, at least (Bonferroni), and departments that are
    alike are all left unnamed as often.
    """
    known = [each for each in sums if each.is_enough]
    z = NormalDist().inv_cdf(1 - (1 - LEVEL) / 2 / max(len(known), 1))
    rows = [
        _department(each, _together([other for other in sums if other is not each]), z)
        for each in sums
    ]
    return Departments(_summary(rows, _together(sums)), rows) if rows else None


def _together(sums: Sequence[Sums]) -> Sums | None:
    """None if they are too few."""
    if not sums:
        return None
    whole = Sums(
        "",
        sum(each.outcomes for each in sums),
        sum(each.failed for each in sums),
        sum(each.predicted for each in sums),
        sum(each.squares for each in sums),
    )
    return whole if whole.is_enough else None


def _department(sums: Sums, others: Sums | None, z: float) -> Department:
    if not sums.is_enough:
        return Department(sums.department, sums.outcomes, _("Too few have ended"))
    off = sums.off
    interval = _around(off, sums.variance, z)
    is_close = abs(off) <= CLOSE
    is_off = not is_close and interval.excludes_zero
    return Department(
        department=sums.department,
        outcomes=sums.outcomes,
        label=_label(off, is_close, is_off),
        is_close=is_close,
        is_off=is_off,
        differs=None if others is None else _differ(sums, others, z),
        predicted=round(100 * sums.predicted / sums.outcomes),
        seen=round(100 * sums.failed / sums.outcomes),
        off=round(100 * off),
        low=round(100 * interval.low),
        high=round(100 * interval.high),
    )


def _differ(one: Sums, other: Sums, z: float) -> bool:
    apart = one.off - other.off
    interval = _around(apart, one.variance + other.variance, z)
    return abs(apart) > CLOSE and interval.excludes_zero


def _around(value: float, variance: float, z: float) -> Interval:
    reach = z * sqrt(variance)
    return Interval(value - reach, value + reach)


def _label(off: float, is_close: bool, is_off: bool) -> str:
    if is_close:
        return _("Within 3 points")
    if not is_off:
        return _("Off by more than 3 points, which may be chance")
    return _("Too high") if off > 0 else _("Too low")


def _summary(rows: Sequence[Department], together: Sums | None) -> str:
    """Whether scores were right in each department, first of all where they weren't."""
    known = [row for row in rows if row.off is not None]
    named = [row for row in known if row.is_named]
    if not known:
        return _(
            "In no department have %(number)s enrolments with a score ended: whether scores are as "
            "right in one department as in another isn't known yet."
        ) % {"number": MIN_OUTCOMES}
    if named:
        return ngettext(
            "In %(off)s of %(count)s department, scores were too high or too low by more than 3 "
            "points: %(names)s. Don't compare learners of different departments by their scores.",
            "In %(off)s of %(count)s departments, scores were too high or too low by more than 3 "
            "points: %(names)s. Don't compare learners of different departments by their scores.",
            len(known),
        ) % {
            "off": len(named),
            "count": len(known),
            "names": ", ".join(_named(row) for row in named),
        }
    if together is not None and any(row.is_off for row in known):
        return _alike(round(100 * together.off))
    close = sum(row.is_close for row in known)
    return ngettext(
        "In %(close)s of %(count)s department, scores were within 3 points of what happened; in "
        "none were they further off than chance explains.",
        "In %(close)s of %(count)s departments, scores were within 3 points of what happened; in "
        "none were they further off than chance explains.",
        len(known),
    ) % {"close": close, "count": len(known)}


def _alike(points: int) -> str:
    """Scores are off, and in no department further than in the others."""
    text = (
        _(
            "In all departments together, scores were %(points)s points too high. In none were "
            "they further off than in the others by more than chance explains."
        )
        if points > 0
        else _(
            "In all departments together, scores were %(points)s points too low. In none were "
            "they further off than in the others by more than chance explains."
        )
    )
    return text % {"points": abs(points)}


def _named(row: Department) -> str:
    points = row.off or 0
    text = _("%(name)s (%(points)s too high)") if points > 0 else _("%(name)s (%(points)s too low)")
    return text % {"name": row.department, "points": abs(points)}
