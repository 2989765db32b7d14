"""Whether something is still owed: a completion elsewhere fulfils a duty while it is valid, and
changes no figure that is measured here (docs/decisions/0048-outside-completions.md)."""

from datetime import datetime

from django.db.models import Q

from analytics.models import RiskScore
from progress.models import fulfilled_outside


def is_owed(now: datetime) -> Q:
    """Condition for progress rows: neither completed here nor, validly until now, elsewhere."""
    return Q(completed_at=None) & ~fulfilled_outside(now)


def is_overdue(now: datetime) -> Q:
    """Condition for progress rows: owed, and past the enrolment's due date."""
    return Q(completed_at=None, enrollment__due_at__lt=now) & ~fulfilled_outside(now)


def is_at_high_risk(now: datetime) -> Q:
    """Condition for progress rows that are owed: unlikely to be completed in time, and not yet
    overdue."""
    still_can = Q(enrollment__due_at=None) | Q(enrollment__due_at__gte=now)
    return Q(enrollment__risk__band=RiskScore.Band.HIGH) & still_can
