"""When a course is due, in words: `Due in 3 days`, `Overdue by 2 days`."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass(frozen=True, slots=True)
class Due:
    text: str
    at: datetime
    is_overdue: bool


def due(at: datetime | None, now: datetime) -> Due | None:
    """None without a due date. Days are calendar days of the current time zone."""
    if at is None:
        return None
    days = (timezone.localdate(at) - timezone.localdate(now)).days
    is_overdue = at < now
    return Due(_overdue(-days) if is_overdue else _due_in(days), at, is_overdue)


def _due_in(days: int) -> str:
    if days == 0:
        return _("Due today")
    if days == 1:
        return _("Due tomorrow")
    return ngettext("Due in %(days)s day", "Due in %(days)s days", days) % {"days": days}


def _overdue(days: int) -> str:
    if days == 0:
        return _("Overdue since today")
    return ngettext("Overdue by %(days)s day", "Overdue by %(days)s days", days) % {"days": days}
