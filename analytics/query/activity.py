"""What was learned in a period, and who is learning right now."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.formats import date_format
from django.utils.translation import get_language

from analytics.models import LearnerDay, RollupSource
from progress.models import LearningSession, User
from progress.pages.words import duration

from . import charts, course_days
from .filters import Filters, Period

SIGN_OF_LIFE = timedelta(minutes=2)


def active_now(filters: Filters, now: datetime) -> int:
    """Returns the number of learners with an open session that sent something within two
    minutes."""
    return live(filters, now).aggregate(count=Count("user", distinct=True))["count"]


def live(filters: Filters, now: datetime) -> QuerySet[LearningSession]:
    """Open sessions that sent something within two minutes."""
    rows = LearningSession.objects.open().filter(last_activity_at__gte=now - SIGN_OF_LIFE)
    return filters.apply(rows)


def folded() -> QuerySet:
    """When the rollups were last brought up to date: one value, or none before the first time."""
    return RollupSource.objects.filter(name="evidence").values_list("folded_at", flat=True)


# By learner first: distinct ones would be sorted.
_AMOUNTS = """
SELECT coalesce(sum(own_ms), 0)::bigint, coalesce(sum(own_ms_before), 0)::bigint,
       count(*) FILTER (WHERE own_ms > 0), count(*) FILTER (WHERE own_ms_before > 0)
  FROM (
    SELECT sum(active_ms) FILTER (WHERE day >= %s) AS own_ms,
           sum(active_ms) FILTER (WHERE day < %s) AS own_ms_before
      FROM ({days}) days GROUP BY user_id) learners
"""


def amounts(filters: Filters) -> dict[str, int]:
    """Time and learners of the period and of the one before it, in one statement."""
    since, until = filters.period.before.since, filters.period.until
    rows = filters.apply(LearnerDay.objects.filter(day__gte=since, day__lte=until))
    try:
        columns = rows.order_by().values("user_id", "day", "active_ms")
        days, parameters = columns.query.sql_with_params()
        with connections[rows.db].cursor() as cursor:
            first = filters.period.since
            cursor.execute(_AMOUNTS.format(days=days), [first, first, *parameters])
            found = cursor.fetchone()
    except EmptyResultSet:  # without courses Django needs no statement
        found = (0, 0, 0, 0)
    names = ("time_ms", "time_ms_before", "learners", "learners_before")
    return dict(zip(names, found, strict=True))


class LearnersDays:
    """Days of each learner's own time zone, as `LearnerDay` counts them; one statement."""

    def __init__(self) -> None:
        self._zones = list(User.objects.order_by().values_list("time_zone", flat=True).distinct())

    def within(self, period: Period, moment: str) -> Q:
        """Whether `moment` lies on these days of a row's `user`."""
        found = Q(pk__in=[])
        for name in self._zones:
            first, end = (
                datetime.combine(day, time.min, ZoneInfo(name))
                for day in (period.since, period.until + timedelta(days=1))
            )
            of_day = {f"{moment}__gte": first, f"{moment}__lt": end}
            found |= Q(user__time_zone=name, **of_day)
        return found


def time_by_day(filters: Filters) -> charts.Bars | None:
    """Active time on each day of the period."""
    sums = course_days.sums(filters, "day", {"ms": Sum("active_ms")})
    found = {row["day"]: row["ms"] for row in sums}
    days = [filters.period.since + timedelta(days=n) for n in range(filters.period.days)]
    language = get_language()
    return charts.bars(
        [
            (_label(day, language), found.get(day, 0), duration(found.get(day, 0) / 1000))
            for day in days
        ],
        charts.Unit.MILLISECONDS,
    )


@lru_cache(maxsize=5000)
def _label(day: date, language: str | None) -> str:
    """Kept, as every look at a page writes the same days: `language` is the active one."""
    return date_format(day, "D j M")
