"""Due dates: a requirement sets the due date of open enrolments that have none.

Every page, report and alert uses the enrolment's date. It may be postponed for a person, and no job
undoes that. When a requirement's own date is changed, the dates that it set are changed, too.
"""

from collections import defaultdict
from datetime import date, datetime, time

from django.utils import timezone

from analytics.models import Requirement
from progress.ingest import enrolling

from . import queries
from .obligation_state import ObligationState

UNFINISHED = {ObligationState.OVERDUE, ObligationState.DUE_SOON, ObligationState.OPEN}


def end_of(day: date | None) -> datetime | None:
    """Returns the end of a day in the organisation's zone."""
    return day and datetime.combine(day, time.max, timezone.get_default_timezone())


def fill(found: list[Requirement], now: datetime) -> int:
    """Sets the due date of open enrolments without one to the end of the required day, or of the
    earliest of several; returns their number."""
    days: dict[int, date] = {}
    for each in queries.obligations(found, now):
        passage, day = each.open_passage, each.required_on
        is_due = each.state in UNFINISHED and passage and passage.due_at is None
        if is_due and passage.enrollment_id and day:
            days[passage.enrollment_id] = min(days.get(passage.enrollment_id, day), day)
    by_day: dict[date, list[int]] = defaultdict(list)
    for enrollment_id, day in days.items():
        by_day[day].append(enrollment_id)
    return sum(enrolling.set_missing_due(ids, end_of(day)) for day, ids in by_day.items())


def requirement_changed(before: Requirement, after: Requirement, now: datetime) -> int:
    """Moves the due dates that `before` set to those of `after`, or removes them if it requires
    nothing any more; returns their number.

    A date that was postponed, or set otherwise, isn't the end of the day that `before` sets, and
    stays.
    """
    names = ("course_id", "due_on", "due_days", "starts_on", "is_active")
    if not before.is_active or all(getattr(before, n) == getattr(after, n) for n in names):
        return 0
    is_over = not after.is_active or after.course_id != before.course_id
    moved: dict[date | None, list[int]] = defaultdict(list)
    for each in queries.obligations([before], now):
        passage = each.open_passage
        if passage and passage.due_at and passage.due_at == end_of(each.required_on):
            day = None if is_over else each._replace(requirement=after).required_on
            moved[day].append(passage.enrollment_id)
    return sum(enrolling.move_due(ids, end_of(day)) for day, ids in moved.items())
