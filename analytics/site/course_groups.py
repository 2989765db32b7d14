"""How the groups of a course's learners compare, by department and by month of enrolment."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from analytics.query.figures import share
from analytics.query.minimum_sample import is_enough
from progress.pages.words import duration

from .course_enrollments import EnrollmentGroup, median_seconds


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group; `query` is the query string that shows only this group.

    `soon_percent` compares groups that began at different times: of those enrolled four weeks ago
    or more, the share that completed within four weeks; None for fewer than five.
    """

    name: str
    query: str
    learners: int
    done_percent: int
    soon_percent: int | None
    mean_percent: int
    seconds: float | None  # the median of active time, over those who began

    @property
    def time(self) -> str:
        return "–" if self.seconds is None else duration(self.seconds)


@dataclass(frozen=True, slots=True)
class Groups:
    """A comparison; `hidden` learners belong to groups that are too small."""

    title: str
    head: str
    rows: list[GroupRow]
    hidden: int


def by_department(groups: Iterable[EnrollmentGroup]) -> Groups:
    grouped = _grouped(groups, lambda each: each.department)
    named = [
        (name or _("No department"), urlencode({"department": name}) if name else "", parts)
        for name, parts in sorted(grouped.items())
    ]
    return _groups(_("By department"), _("Department"), named)


def by_cohort(groups: Iterable[EnrollmentGroup]) -> Groups:
    grouped = _grouped(groups, lambda each: each.cohort)
    named = [
        (date_format(month, "YEAR_MONTH_FORMAT"), f"cohort={month:%Y-%m}", parts)
        for month, parts in sorted(grouped.items())
    ]
    return _groups(_("By month of enrolment"), _("Enrolled"), named)


def _grouped(groups: Iterable[EnrollmentGroup], key: Callable) -> dict:
    found: dict = defaultdict(list)
    for each in groups:
        found[key(each)].append(each)
    return found


def _groups(title: str, head: str, named: list[tuple[str, str, list[EnrollmentGroup]]]) -> Groups:
    rows = [_row(*each) for each in named]
    return Groups(
        title,
        head,
        [row for row in rows if is_enough(row.learners)],
        sum(row.learners for row in rows if not is_enough(row.learners)),
    )


def _row(name: str, query: str, parts: list[EnrollmentGroup]) -> GroupRow:
    learners = sum(each.learners for each in parts)
    ripe = sum(each.ripe for each in parts)
    soon = sum(each.soon for each in parts)
    return GroupRow(
        name,
        query,
        learners,
        share(sum(len(each.took) for each in parts), learners),
        share(soon, ripe) if is_enough(ripe) else None,
        sum(each.bp_sum for each in parts) // learners // 100,
        median_seconds([time for each in parts for time in each.times_ms]),
    )
