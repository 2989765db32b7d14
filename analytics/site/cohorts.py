"""The progress of months of enrolment, week by week from each learner's own enrolment. Pure.

That way a month that began long ago can be compared with a recent one.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.query import charts
from analytics.query.figures import share
from analytics.query.minimum_sample import is_enough

from .course_enrollments import WEEK, EnrollmentGroup

MAX_WEEKS = 26
MAX_COHORTS = 4  # as many as there are ways to draw a line


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A month: the percentage that had completed after 0, 1, 2 … weeks; drawn as `path`."""

    name: str
    learners: int
    percents: list[int]
    path: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rows` are the weeks of the table behind: the week, and each month's percent or None."""

    lines: list[CohortLine]
    weeks: int
    rows: list[tuple[int, list[int | None]]]
    axis: charts.Axis
    ticks: list[str]
    width: int = charts.WIDTH
    height: int = charts.HEIGHT


def compared(groups: Iterable[EnrollmentGroup], now: datetime) -> Comparison | None:
    """The latest months with enough learners; None if fewer than two can be compared.

    A line ends where the month's latest enrolled learners are: up to there everyone counts.
    """
    grouped = defaultdict(list)
    for group in groups:
        grouped[group.cohort].append(group)
    shown = [(month, grouped[month], _percents(grouped[month], now)) for month in sorted(grouped)]
    shown = [each for each in shown if len(each[2]) > 1][-MAX_COHORTS:]
    if len(shown) < 2:
        return None
    weeks = max(len(percents) for _month, _parts, percents in shown) - 1
    lines = [
        CohortLine(
            date_format(month, "YEAR_MONTH_FORMAT"),
            sum(part.learners for part in parts),
            percents,
            _path(percents, weeks),
        )
        for month, parts, percents in shown
    ]
    rows = [
        (week, [line.percents[week] if week < len(line.percents) else None for line in lines])
        for week in range(1, weeks + 1)
    ]
    percents = [charts.Mark(f"{at} %", at) for at in (100, 50, 0)]
    labels = [_("Enrolled"), *(_("Week %(number)s") % {"number": n} for n in range(1, weeks + 1))]
    return Comparison(lines, weeks, rows, charts.Axis(100, percents), charts.spread(labels))


def _percents(parts: list[EnrollmentGroup], now: datetime) -> list[int]:
    learners = sum(part.learners for part in parts)
    latest = max(part.latest_enrolled_at for part in parts)
    weeks = min(int((now - latest) / timedelta(weeks=1)), MAX_WEEKS)
    if not is_enough(learners) or weeks < 1:
        return []
    took = sorted(each for part in parts for each in part.took)
    return [share(bisect_right(took, week * WEEK), learners) for week in range(weeks + 1)]


def _path(percents: list[int], weeks: int) -> str:
    places = [
        (
            round(week * charts.WIDTH / weeks, 2),
            round(charts.HEIGHT * (1 - percent / 100), 2),
        )
        for week, percent in enumerate(percents)
    ]
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in places)
