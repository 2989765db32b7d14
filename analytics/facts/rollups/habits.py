"""When, how long and in which rhythm an enrolment's learner began to learn. Pure.

Habits are those of the fourteen days from the first active day on, the same length for all. The
bounds of the groups are part of what is stored: whoever changes one has all courses rebuilt.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

HABIT_DAYS = timedelta(days=14)
# By question, the groups in the order shown.
PARTS_OF_DAY = ("morning", "afternoon", "evening", "night")
DAYS_OF_WEEK = ("weekdays", "both", "weekend")
LENGTHS = ("under_15", "15_to_30", "30_to_60", "over_60")
RHYTHMS = ("one_day", "two_or_three", "four_to_six", "seven_and_more")

_LENGTH_BOUNDS = (15 * 60_000, 30 * 60_000, 60 * 60_000)
_RHYTHM_BOUNDS = (1, 3, 6)
_HOURS = {
    "night": (*range(5), 22, 23),
    "morning": range(5, 12),
    "afternoon": range(12, 17),
    "evening": range(17, 22),
}


class ActiveDay(NamedTuple):
    """Active time on a day, also by its 24 hours."""

    day: date
    active_ms: int
    hours_ms: list[int]


class Groups(NamedTuple):
    """Of each question, the group that an enrolment is in."""

    part_of_day: str
    days_of_week: str
    length: str
    rhythm: str


@dataclass(frozen=True, slots=True)
class Habit:
    """An enrolment's first fourteen days; `parts_ms` is night, morning, afternoon, evening."""

    first_day: date
    parts_ms: tuple[int, int, int, int]
    weekend_ms: int
    days: int

    @property
    def groups(self) -> Groups:
        active_ms = sum(self.parts_ms)
        longest = self.parts_ms.index(max(self.parts_ms))
        share = self.weekend_ms / active_ms
        return Groups(
            part_of_day=tuple(_HOURS)[longest],
            days_of_week="weekend" if share >= 0.5 else "both" if share > 0.1 else "weekdays",
            length=LENGTHS[bisect_right(_LENGTH_BOUNDS, active_ms / self.days)],
            rhythm=RHYTHMS[bisect_left(_RHYTHM_BOUNDS, self.days)],
        )


def habit_of(days: Iterable[ActiveDay]) -> Habit | None:
    """The habit of an enrolment with these days; a day may come in parts. None without any active
    time."""
    active = [day for day in days if day.active_ms]
    first = min((day.day for day in active), default=None)
    if first is None:
        return None
    early = [day for day in active if day.day < first + HABIT_DAYS]
    night, morning, afternoon, evening = (
        sum(day.hours_ms[hour] for day in early for hour in hours) for hours in _HOURS.values()
    )
    if not night + morning + afternoon + evening:
        return None
    return Habit(
        first_day=first,
        parts_ms=(night, morning, afternoon, evening),
        weekend_ms=sum(day.active_ms for day in early if day.day.isoweekday() > 5),
        days=len({day.day for day in early}),
    )
