"""Requirements, and the state of those who must fulfil them."""

from django.utils import timezone

from analytics.compliance import escalations, queries
from analytics.compliance.obligation_state import ObligationState
from analytics.models import Requirement
from progress.jobs import Run
from tests.support.learners import DAY


def required(course, **changes) -> Requirement:
    usual = {"name": "Fire safety for all", "due_on": timezone.localdate() - DAY}
    return Requirement.objects.create(course=course, **(usual | changes))


def states(requirement, now=None) -> dict[str, ObligationState]:
    found = queries.obligations([requirement], now or timezone.now())
    return {each.person.name: each.state for each in found}


def look_after(now=None) -> int:
    run = Run("escalate", now)
    escalations.run(run)
    return run.rows
