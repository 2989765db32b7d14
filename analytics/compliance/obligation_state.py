"""The state of an obligation: whether a person has completed what is required. Pure functions."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

SOON_DAYS = 14


class ObligationState(StrEnum):
    """The most urgent first."""

    OVERDUE = "overdue"
    EXPIRED = "expired"
    DUE_SOON = "due_soon"
    NOT_ENROLLED = "not_enrolled"
    OPEN = "open"
    COMPLETE = "complete"
    EXEMPT = "exempt"


LATE_STATES = {ObligationState.OVERDUE, ObligationState.EXPIRED}
STATE_LABELS = {
    ObligationState.OVERDUE: _("Overdue"),
    ObligationState.EXPIRED: _("Expired"),
    ObligationState.DUE_SOON: _("Due within two weeks"),
    ObligationState.NOT_ENROLLED: _("Not enrolled"),
    ObligationState.OPEN: _("In progress"),
    ObligationState.COMPLETE: _("Complete"),
    ObligationState.EXEMPT: _("Exempt"),
}


class Cycle(NamedTuple):
    """One enrolment cycle, or a completion elsewhere. `expires_at` and `revoked_at` are those of
    its certificate, or its own."""

    completed_at: datetime | None
    is_open: bool
    completion_bp: int = 0
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    due_at: datetime | None = None  # the enrolment's own
    enrollment_id: int | None = None
    outside: str = ""  # of a completion elsewhere: on what basis, and who says so

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether it was completed by `moment`, and its certificate was valid then."""
        if self.completed_at is None or self.completed_at > moment:
            return False
        is_over = self.expires_at is not None and self.expires_at <= moment
        is_revoked = self.revoked_at is not None and self.revoked_at <= moment
        return not is_over and not is_revoked


def due_day(
    due_on: date | None, due_days: int | None, starts_on: date, joined_on: date
) -> date | None:
    """Returns the last day on which it must be completed; None if there is none."""
    if due_days is not None:
        return _after(max(starts_on, joined_on), due_days)
    return due_on


def _after(day: date, days: int) -> date | None:
    """Returns None if the calendar ends before."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def own_due(cycles: Iterable[Cycle]) -> datetime | None:
    """Returns the due date of the open enrolment, if it has one.

    It takes precedence over the requirement's date: it may have been postponed for this person.
    """
    open_ = [cycle for cycle in cycles if cycle.is_open and cycle.completed_at is None]
    return open_[-1].due_at if open_ else None


def last_day(moment: datetime, zone: tzinfo) -> date:
    """Returns the last day before a due moment; midnight belongs to the day before."""
    return (moment - timedelta(microseconds=1)).astimezone(zone).date()


def state(
    cycles: Sequence[Cycle], *, due_on: date | None, today: date, now: datetime, is_exempt: bool
) -> ObligationState:
    """Returns the state. A valid completion counts more than an exemption or a new cycle.

    `due_on` is the last day. The open enrolment's own due date decides when it is overdue, and may
    lie within a day.
    """
    was_completed = is_open = False
    for cycle in cycles:
        if cycle.is_valid_at(now):
            return ObligationState.COMPLETE
        was_completed = was_completed or cycle.completed_at is not None
        is_open = is_open or cycle.is_open
    if is_exempt:
        return ObligationState.EXEMPT
    if was_completed:
        return ObligationState.EXPIRED
    own = own_due(cycles)
    if own < now if own else due_on is not None and due_on < today:
        return ObligationState.OVERDUE
    if not is_open:
        return ObligationState.NOT_ENROLLED
    if due_on is not None and (due_on - today).days <= SOON_DAYS:
        return ObligationState.DUE_SOON
    return ObligationState.OPEN


def step_due(days: Iterable[int], due_on: date, today: date) -> int | None:
    """Returns the latest step of a recipient whose day has come; None before the first."""
    come = [each for each in days if (day := _after(due_on, each)) and day <= today]
    return max(come, default=None)
