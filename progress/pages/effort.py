"""A learner's effort, told from active time: days, weeks, streaks, achievements.

Values in, values out. A day is a day of the learner's own zone, of 23 or 25 hours when clocks
change; a week begins on Monday; a day counts as one with learning from its first credited
millisecond.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

Days = Mapping[date, int]  # active milliseconds of each day that has any

DAY = timedelta(days=1)
WEEKS_SHOWN = 12
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# From how much on a day looks busier in the calendar: any, 10 min, 30 min, 1 h.
LEVELS_MS = (1, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS)
STREAK_DAYS = 7
MANY_HOURS_MS = 10 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Zones:
    """A learner's time zone, and those of before, each with the epoch millisecond until which.

    A day that was earned stays the day that it was where the learner was then.
    """

    present: tzinfo
    earlier: Sequence[tuple[tzinfo, int]] = ()

    def periods(self) -> Iterator[tuple[tzinfo, float, float]]:
        """Each zone with the time from and until which it held."""
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
    """Active time by day. `spans` are disjoint and in epoch milliseconds, half-open.

    `zone` is the learner's, `earlier` those of before, as in `Zones`.
    """
    days: dict[date, int] = {}
    known = list(spans)
    for held, since, until in Zones(zone, earlier).periods():
        parts = [(max(a, since), min(b, until)) for a, b in known if a < until and b > since]
        for day, ms in _days_in(parts, held).items():
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


def monday(day: date) -> date:
    """The first day of a day's week."""
    return day - day.weekday() * DAY


def week_ms(days: Days, today: date) -> int:
    """Active time of the week that `today` is in."""
    return sum(ms for day, ms in days.items() if monday(day) == monday(today))


# --- Streaks -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with learning, up to today or, as long as today has none, to yesterday."""

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
    """For each day with learning, in order: how many in a row it is the last of."""
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
    days: tuple[Day, ...]  # Monday to Sunday

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


def calendar(days: Days, today: date, weeks: int = WEEKS_SHOWN) -> list[Week]:
    """The last weeks, this one included and last."""
    first = monday(today) - 7 * (weeks - 1) * DAY
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
    """Something reached, or on the way: `part` of `whole`, where it can be counted."""

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
    """What the learner reached, each from facts that anybody can check.

    first_content, first_course: the first one completed; first_try: a quiz with a pass mark
    passed at the first attempt; streak: seven days in a row; hours: ten hours of active time.
    Whatever was reached stays reached.
    """
    runs = _run_lengths(days)
    week_long = (day for day, length in runs.items() if length >= STREAK_DAYS)
    return [
        Achievement("first_content", first_content),
        Achievement("first_try", first_try),
        Achievement("streak", next(week_long, None), max(runs.values(), default=0), STREAK_DAYS),
        Achievement("first_course", first_course),
        Achievement("hours", _day_of(days, MANY_HOURS_MS), sum(days.values()), MANY_HOURS_MS),
    ]


def _day_of(days: Days, wanted_ms: int) -> date | None:
    """The day on which all active time together reached `wanted_ms`."""
    total = 0
    for day in sorted(days):
        total += days[day]
        if total >= wanted_ms:
            return day
    return None
