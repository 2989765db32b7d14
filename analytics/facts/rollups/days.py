"""Days and hours of a learner's own time zone. Moments are epoch milliseconds."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from progress.rules.coverage import Span, clip, length

DAY = timedelta(days=1)


@lru_cache(maxsize=20_000)
def hours_of(day: date, zone: str) -> tuple[int, ...]:
    """When each of a day's 24 hours begins, and when the last one ends.

    An hour skipped by the clocks is empty, one that is repeated is twice as long.
    """
    there = ZoneInfo(zone)
    starts = [datetime.combine(day, time(hour), there) for hour in range(24)]
    starts.append(datetime.combine(day + DAY, time.min, there))
    return tuple(round(start.timestamp() * 1000) for start in starts)


@lru_cache(maxsize=200_000)
def _day_of_hour(hour: int, zone: str) -> tuple[date, date]:
    """The local days of the first and the last moment of an hour since 1970 (UTC)."""
    there = ZoneInfo(zone)
    first = datetime.fromtimestamp(hour * 3600, UTC).astimezone(there)
    last = datetime.fromtimestamp(hour * 3600 + 3599.999, UTC).astimezone(there)
    return first.date(), last.date()


def day_of(moment_ms: int, zone: str) -> date:
    """The local day. If clocks are set back past midnight, the new day goes on."""
    first, last = _day_of_hour(moment_ms // 3_600_000, zone)
    day = first if first == last or moment_ms < hours_of(last, zone)[0] else last
    return day if moment_ms < hours_of(day, zone)[24] else day + DAY


def split(span: Span, zone: str) -> list[tuple[date, Span]]:
    """A stretch of time by the local days that it touches."""
    start, end = span
    parts = []
    while start < end:
        day = day_of(start, zone)
        until = min(end, hours_of(day, zone)[24])
        parts.append((day, (start, until)))
        start = until
    return parts


def by_hour(spans: Iterable[Span], day: date, zone: str) -> list[int]:
    """How much of `spans` lies in each of a day's 24 hours, ms."""
    edges = hours_of(day, zone)
    hours = [0] * 24
    for start, end in spans:
        for hour in range(24):
            part = clip((start, end), edges[hour], edges[hour + 1])
            if part is not None:
                hours[hour] += length([part])
    return hours


def utc_day(moment_ms: int) -> date:
    return _utc_day(moment_ms // 86_400_000)


@lru_cache(maxsize=10_000)
def _utc_day(days: int) -> date:
    return date(1970, 1, 1) + days * DAY
