"""When a completion that was not earned here counts, in days of the learner's time zone."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2999, 12, 31)
A_DAY = timedelta(days=1)


class Validity(NamedTuple):
    """From its first moment to the first moment after it; without an end it is valid for good."""

    begins: datetime
    ends: datetime | None


def problems(completed_on: date, valid_until: date | None, today: date) -> dict[str, str]:
    """Returns what is wrong with the days, by field; `today` is the learner's."""
    found = {}
    if completed_on > today:
        found["completed_on"] = "A day that has come, in the learner's time zone."
    elif completed_on < FIRST_DAY:
        found["completed_on"] = f"A day from {FIRST_DAY} on."
    if valid_until is not None and valid_until < completed_on:
        found["valid_until"] = "Not before the day of completion."
    elif valid_until is not None and valid_until > LAST_DAY:
        found["valid_until"] = f"A day up to {LAST_DAY}."
    return found


def validity(completed_on: date, valid_until: date | None, zone: tzinfo) -> Validity:
    """Returns when it is valid: from the beginning of one day to the end of the other."""
    begins = datetime.combine(completed_on, time(), zone)
    ends = None if valid_until is None else datetime.combine(valid_until + A_DAY, time(), zone)
    return Validity(begins, ends)
