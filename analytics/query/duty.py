"""Whether something is still owed: a completion elsewhere fulfils a duty while it is valid, and
changes no figure that is measured here (docs/decisions/0048-outside-completions.md)."""

from datetime import datetime

from django.db.models import Q

from progress.models import fulfilled_outside


def is_owed(now: datetime) -> Q:
    """Condition for progress rows: neither completed here nor, validly until now, elsewhere."""
    return Q(completed_at=None) & ~fulfilled_outside(now)


def is_overdue(now: datetime) -> Q:
    """Condition for progress rows: owed, and past the enrolment's due date."""
    return Q(completed_at=None, enrollment__due_at__lt=now) & ~fulfilled_outside(now)
