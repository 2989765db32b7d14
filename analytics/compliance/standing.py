"""How somebody stands with what they must have completed. Values in, values out."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

SOON_DAYS = 14


class State(StrEnum):
    """In the order of what is most pressing."""

    OVERDUE = "overdue"
    EXPIRED = "expired"
    DUE_SOON = "due_soon"
    NOT_ENROLLED = "not_enrolled"
    OPEN = "open"
    COMPLETE = "complete"
    EXEMPT = "exempt"


MISSING = {State.OVERDUE, State.EXPIRED}


class Cycle(NamedTuple):
    """One passage through the course. `expires_at` and `revoked_at` are its certificate's."""

    completed_at: datetime | None
    is_open: bool
    completion_bp: int = 0
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    due_at: datetime | None = None  # the enrolment's own
    enrollment_id: int | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether it was completed by then, and what was given for it still held."""
        if self.completed_at is None or self.completed_at > moment:
            return False
        is_over = self.expires_at is not None and self.expires_at <= moment
        is_revoked = self.revoked_at is not None and self.revoked_at <= moment
        return not is_over and not is_revoked


def due_day(
    due_on: date | None, due_days: int | None, starts_on: date, joined_on: date
) -> date | None:
    """The day by the end of which it must be done; None when there is no such day."""
    if due_days is not None:
        return _after(max(starts_on, joined_on), due_days)
    return due_on


def _after(day: date, days: int) -> date | None:
    """None where the calendar ends before."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def own_due(cycles: Iterable[Cycle]) -> datetime | None:
    """The due date of the enrolment that is open, where it has one: a duty has this one only.

    It may have been put off for this person, and then what is required of everybody gives way.
    """
    open_ = [cycle for cycle in cycles if cycle.is_open and cycle.completed_at is None]
    return open_[-1].due_at if open_ else None


def last_day(moment: datetime, zone: tzinfo) -> date:
    """Of a due date; midnight ends the day before."""
    return (moment - timedelta(microseconds=1)).astimezone(zone).date()


def state(
    cycles: Sequence[Cycle], *, due_on: date | None, today: date, now: datetime, is_exempt: bool
) -> State:
    """Who has it and whose proof holds is complete, whatever was exempted or is begun anew.

    `due_on` is the last day; the open enrolment's own due date, which may end within a day, says
    when it is over.
    """
    was_completed = is_open = False
    for cycle in cycles:
        if cycle.holds_at(now):
            return State.COMPLETE
        was_completed = was_completed or cycle.completed_at is not None
        is_open = is_open or cycle.is_open
    if is_exempt:
        return State.EXEMPT
    if was_completed:
        return State.EXPIRED
    own = own_due(cycles)
    if own < now if own else due_on is not None and due_on < today:
        return State.OVERDUE
    if not is_open:
        return State.NOT_ENROLLED
    if due_on is not None and (due_on - today).days <= SOON_DAYS:
        return State.DUE_SOON
    return State.OPEN


def step_due(days: Iterable[int], due_on: date, today: date) -> int | None:
    """Of the steps of one recipient, the latest whose day has come; None before the first."""
    come = [each for each in days if (day := _after(due_on, each)) and day <= today]
    return max(come, default=None)
