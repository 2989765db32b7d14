"""How long a certificate holds, and when it may be renewed. Days are the organisation's.

Pure: dates and terms in, dates out. The three ways to count are those that compliance training
knows: from completion, to a fixed day, and from the previous expiry.
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
    """The last day on which a certificate holds.

    `previous` is the last day of the one that it renews. Who renews in time loses nothing: the
    new period begins where the old one ends. Who is late begins at completion. A month that has
    no such day ends at its last.
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
    apart = relativedelta(earliest, terms.fixed_on)
    # A step early, and then forward: months have different lengths.
    step = (apart.years * 12 + apart.months) // terms.months - 1
    while (day := terms.fixed_on + relativedelta(months=step * terms.months)) < earliest:
        step += 1
    return day


def expires_at(
    terms: Terms, completed_at: datetime, zone: ZoneInfo, previous: datetime | None = None
) -> datetime:
    """The moment from which on it no longer holds: midnight after its last day in `zone`.

    `previous` is such a moment of the certificate that is renewed.
    """
    before = None if previous is None else last_day_of(previous, zone)
    day = last_day(terms, completed_at.astimezone(zone).date(), before)
    return midnight(day + A_DAY, zone)


def last_day_of(expires: datetime, zone: ZoneInfo) -> date:
    """The last day on which it holds, in `zone`."""
    return (expires.astimezone(zone) - timedelta(microseconds=1)).date()


def opens_at(expires: datetime, days: int, zone: ZoneInfo) -> datetime:
    """When its renewal may begin: `days` days before its last day, at midnight."""
    return midnight(last_day_of(expires, zone) - timedelta(days=days), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
