"""How the groups of a course's learners compare, by department and by month of enrolment."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from analytics.query.figures import share
from analytics.query.minimum_sample import is_enough
from progress.pages.words import duration

from .course_enrollments import EnrollmentState, median_seconds

SOON = timedelta(weeks=4)


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


def by_department(states: Iterable[EnrollmentState], now: datetime) -> Groups:
    grouped = defaultdict(list)
    for each in states:
        grouped[each.department].append(each)
    named = [
        (name or _("No department"), urlencode({"department": name}) if name else "", group)
        for name, group in sorted(grouped.items())
    ]
    return _groups(_("By department"), _("Department"), named, now)


def by_cohort(states: Iterable[EnrollmentState], now: datetime) -> Groups:
    grouped = defaultdict(list)
    for each in states:
        grouped[each.cohort].append(each)
    named = [
        (date_format(month, "YEAR_MONTH_FORMAT"), f"cohort={month:%Y-%m}", group)
        for month, group in sorted(grouped.items())
    ]
    return _groups(_("By month of enrolment"), _("Enrolled"), named, now)


def _groups(
    title: str, head: str, grouped: list[tuple[str, str, list[EnrollmentState]]], now: datetime
) -> Groups:
    rows = [_row(*each, now) for each in grouped if is_enough(len(each[2]))]
    hidden = sum(len(group) for *_names, group in grouped if not is_enough(len(group)))
    return Groups(title, head, rows, hidden)


def _row(name: str, query: str, group: list[EnrollmentState], now: datetime) -> GroupRow:
    done = sum(each.completed_at is not None for each in group)
    return GroupRow(
        name,
        query,
        len(group),
        share(done, len(group)),
        _soon(group, now),
        sum(each.bp for each in group) // len(group) // 100,
        median_seconds(group),
    )


def _soon(group: list[EnrollmentState], now: datetime) -> int | None:
    ripe = [each for each in group if each.enrolled_at <= now - SOON]
    if not is_enough(len(ripe)):
        return None
    done = sum(
        each.completed_at is not None and each.completed_at <= each.enrolled_at + SOON
        for each in ripe
    )
    return share(done, len(ripe))
