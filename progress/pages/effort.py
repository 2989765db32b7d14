"""A learner's effort, computed from active time: days, weeks, streaks, achievements.

Values in, values out. A day is a day of the learner's own time zone, with 23 or 25 hours when the
clocks change; a week begins on the given weekday (0: Monday); a single credited millisecond makes a
day one with learning.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

Days = Mapping[date, int]  # active milliseconds of each day that has any

DAY = timedelta(days=1)
CALENDAR_WEEKS = 12
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# The active time from which a day has each level in the calendar: any, 10 min, 30 min, 1 h.
LEVELS_MS = (1, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS)
STREAK_DAYS = 7
MANY_HOURS_MS = 10 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Zones:
    """A learner's time zone, and the earlier ones, each with the epoch millisecond of its end.

    A past day stays the day that it was where the learner lived at the time.
    """

    present: tzinfo
    earlier: Sequence[tuple[tzinfo, int]] = ()

    def periods(self) -> Iterator[tuple[tzinfo, float, float]]:
        """Yields each zone with the beginning and end of its period."""
        since = -math.inf
        for zone, until in [*self.earlier, (self.present, math.inf)]:
            yield zone, since, until
            since = max(since, until)

    def day_of(self, moment: datetime | None) -> date | None:
        if moment is None:
            return None
        at = moment.timestamp() * 1000
        zone = next(zone for zone, _since, until in self.periods() if at < until)
        return moment.astimezone(zone).date()


def days_of(
    spans: Iterable[tuple[int, int]], zone: tzinfo, earlier: Sequence[tuple[tzinfo, int]] = ()
) -> dict[date, int]:
    """Active time by day. `spans` are disjoint and half-open, in epoch milliseconds.

    `zone` is the learner's time zone, `earlier` the ones before, as in `Zones`.
    """
    days: dict[date, int] = {}
    spans = list(spans)
    for period_zone, since, until in Zones(zone, earlier).periods():
        parts = [(max(a, since), min(b, until)) for a, b in spans if a < until and b > since]
        for day, ms in _days_in(parts, period_zone).items():
            days[day] = days.get(day, 0) + ms
    return days


def _days_in(spans: Iterable[tuple[int, int]], zone: tzinfo) -> dict[date, int]:
    @cache
    def midnight_after(day: date) -> int:
        return round(datetime.combine(day + DAY, time.min, zone).timestamp() * 1000)

    days: dict[date, int] = {}
    for start, end in spans:
        day = datetime.fromtimestamp(start / 1000, zone).date()
        while start < end:
            part = min(end, midnight_after(day)) - start
            if part > 0:
                days[day] = days.get(day, 0) + part
                start += part
            day += DAY
    return days


def week_of(day: date, first_weekday: int = 0) -> date:
    """The first day of the week of `day`."""
    return day - (day.weekday() - first_weekday) % 7 * DAY


def week_ms(days: Days, today: date, first_weekday: int = 0) -> int:
    """The active time in the week of `today`."""
    first = week_of(today, first_weekday)
    return sum(ms for day, ms in days.items() if week_of(day, first_weekday) == first)


# --- Streaks -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with learning, up to today, or up to yesterday while today has none."""

    length: int
    longest: int
    has_today: bool


def streak(days: Days, today: date) -> Streak:
    runs = _run_lengths(days)
    has_today = today in days
    return Streak(
        length=runs.get(today if has_today else today - DAY, 0),
        longest=max(runs.values(), default=0),
        has_today=has_today,
    )


def _run_lengths(days: Days) -> dict[date, int]:
    """For each day with learning, in order: the length of the run of days that it ends."""
    runs: dict[date, int] = {}
    for day in sorted(days):
        runs[day] = runs.get(day - DAY, 0) + 1
    return runs


# --- The calendar --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Day:
    date: date
    ms: int
    level: int  # 0 without learning, to 4
    is_future: bool


@dataclass(frozen=True, slots=True)
class Week:
    days: tuple[Day, ...]  # seven

    @property
    def first(self) -> date:
        return self.days[0].date

    @property
    def last(self) -> date:
        return self.days[-1].date

    @property
    def ms(self) -> int:
        return sum(day.ms for day in self.days)

    @property
    def days_with_learning(self) -> int:
        return sum(day.ms > 0 for day in self.days)


def calendar(
    days: Days, today: date, weeks: int = CALENDAR_WEEKS, first_weekday: int = 0
) -> list[Week]:
    """The last weeks, up to and including this one."""
    first = week_of(today, first_weekday) - 7 * (weeks - 1) * DAY
    return [
        Week(tuple(_day(days, first + (7 * week + weekday) * DAY, today) for weekday in range(7)))
        for week in range(weeks)
    ]


def _day(days: Days, day: date, today: date) -> Day:
    ms = days.get(day, 0)
    return Day(day, ms, bisect_right(LEVELS_MS, ms), day > today)


# --- Achievements --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Achievement:
    """An achievement, reached or not: `part` of `whole` so far, if it can be counted."""

    code: str
    reached_on: date | None
    part: int = 0
    whole: int = 0


def achievements(
    days: Days,
    *,
    first_content: date | None,
    first_course: date | None,
    first_try: date | None,
) -> list[Achievement]:
    """All achievements, each computed from stored progress.

    first_content, first_course: the first one completed; first_try: a quiz with a pass mark
    passed at the first attempt; streak: seven days in a row; hours: ten hours of active time.
    Once reached, an achievement stays reached.
    """
    runs = _run_lengths(days)
    week_long_runs = (day for day, length in runs.items() if length >= STREAK_DAYS)
    return [
        Achievement("first_content", first_content),
        Achievement("first_try", first_try),
        Achievement(
            "streak", next(week_long_runs, None), max(runs.values(), default=0), STREAK_DAYS
        ),
        Achievement("first_course", first_course),
        Achievement("hours", _day_of_total(days, MANY_HOURS_MS), sum(days.values()), MANY_HOURS_MS),
    ]


def _day_of_total(days: Days, goal_ms: int) -> date | None:
    """The day on which the total active time reached `goal_ms`; None if it hasn't."""
    total = 0
    for day in sorted(days):
        total += days[day]
        if total >= goal_ms:
            return day
    return None
