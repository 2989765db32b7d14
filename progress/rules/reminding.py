"""When a learner is reminded to learn: at their own hour, on their own days, once a day."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

# A reminder that couldn't be sent at its hour is sent in the hours after it, or not that day.
LATE_HOURS = 4
EVERY_DAY = 0b111_1111
DEFAULT_HOUR = 17  # of who hasn't chosen one


def bit(weekday: int) -> int:
    """The bit of a weekday in a set of them; Monday is 0."""
    return 1 << weekday


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a learner's clock and calendar show it."""

    day: date
    hours: tuple[int, int]  # of the reminders that are due now: after the first, up to the second

    @property
    def bit(self) -> int:
        return bit(self.day.weekday())


def moment_in(now: datetime, zone: tzinfo) -> Moment:
    """What is due at `now` in a time zone: the hour that has begun, and the few before it."""
    local = now.astimezone(zone)
    return Moment(local.date(), (local.hour - LATE_HOURS, local.hour))


def has_passed(hour: int, now: datetime, zone: tzinfo) -> bool:
    """Whether today's hour has come already."""
    return now.astimezone(zone).hour >= hour
