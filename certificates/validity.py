"""How long a certificate is valid, and when it may be renewed, in days of the organisation's zone.

Pure: dates and terms in, dates out. There are three ways to count, as usual in compliance training:
from completion, to a fixed day, and from the previous expiry.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

COMPLETION, FIXED, PREVIOUS = "completion", "fixed", "previous"
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """`months` from completion or from the previous expiry; or to the next fixed day.

    A fixed day is `fixed_on` or any `months` before or after it; the one taken is at least
    `minimum_months` after the completion.
    """

    counted_from: str
    months: int
    fixed_on: date | None = None
    minimum_months: int = 0


def last_day(terms: Terms, completed: date, previous: date | None = None) -> date:
    """Returns the last day on which a certificate is valid.

    `previous` is the last day of the certificate that it renews. A renewal in time loses nothing:
    the new period begins where the old one ends. A late one begins at completion. In a month that
    is too short, the last day of the month counts (31 January + 1 month = 28 February).
    """
    if terms.counted_from == FIXED:
        return _fixed(terms, completed)
    begins = completed
    if terms.counted_from == PREVIOUS and previous is not None and previous >= completed:
        begins = previous
    return begins + relativedelta(months=terms.months)


def _fixed(terms: Terms, completed: date) -> date:
    assert terms.fixed_on is not None, "guarded by the form and the database"
    earliest = max(completed + A_DAY, completed + relativedelta(months=terms.minimum_months))
    distance = relativedelta(earliest, terms.fixed_on)
    # Starts one step early and goes forward: months have different lengths.
    step = (distance.years * 12 + distance.months) // terms.months - 1
    while (day := terms.fixed_on + relativedelta(months=step * terms.months)) < earliest:
        step += 1
    return day


def expires_at(
    terms: Terms, completed_at: datetime, zone: ZoneInfo, previous: datetime | None = None
) -> datetime:
    """Returns the moment of expiry: midnight after the last day in `zone`.

    `previous` is the moment of expiry of the certificate that is renewed.
    """
    before = None if previous is None else last_day_of(previous, zone)
    day = last_day(terms, completed_at.astimezone(zone).date(), before)
    return midnight(day + A_DAY, zone)


def last_day_of(expires: datetime, zone: ZoneInfo) -> date:
    """Returns the last valid day in `zone`."""
    return (expires.astimezone(zone) - timedelta(microseconds=1)).date()


def opens_at(expires: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Returns when the renewal may begin: at midnight, `days` days before the last day."""
    return midnight(last_day_of(expires, zone) - timedelta(days=days), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
