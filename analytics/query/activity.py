"""What was learned in a period, and who is learning right now."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

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


def amounts(filters: Filters) -> dict[str, int]:
    """Time and learners of the period and of the one before it, in one statement."""
    period, before = filters.period, filters.period.before
    this, last = _within(period), _within(before)
    rows = filters.apply(LearnerDay.objects.filter(_within(Period(before.since, period.until))))
    # By learner first: distinct ones would be sorted.
    learners = (
        rows.order_by()
        .values("user")
        .annotate(
            own_ms=Sum("active_ms", filter=this, default=0),
            own_ms_before=Sum("active_ms", filter=last, default=0),
        )
    )
    return learners.aggregate(
        time_ms=Sum("own_ms", default=0),
        time_ms_before=Sum("own_ms_before", default=0),
        learners=Count("user", filter=Q(own_ms__gt=0)),
        learners_before=Count("user", filter=Q(own_ms_before__gt=0)),
    )


def _within(period: Period) -> Q:
    return Q(day__gte=period.since, day__lte=period.until)


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
