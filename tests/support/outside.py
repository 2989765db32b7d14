"""Completions elsewhere, recorded as the product does."""

from datetime import timedelta

from django.utils import timezone

from progress.ingest import outside_completions
from progress.ingest.outside_completions import OutsideRecord, Recorder
from progress.models import Course, OutsideCompletion, User

AUTHORITY = "Red Cross"


def elsewhere(course: Course, person: User, *, by=None, days_ago: int = 30, **changes):
    """A course that a person completed in person, so many days ago."""
    usual = {"basis": OutsideCompletion.Basis.IN_PERSON, "authority": AUTHORITY}
    day = timezone.localdate() - timedelta(days=days_ago)
    facts = OutsideRecord(person, course.pk, day, **(usual | changes))
    now = timezone.now()
    assert facts.problems(now) == {}
    [made] = outside_completions.record([facts], Recorder(by), now=now)
    return made


def withdrawn(completion: OutsideCompletion, *, by=None, now=None) -> OutsideCompletion:
    outside_completions.withdraw(
        completion, Recorder(by), reason="Another person's", now=now or timezone.now()
    )
    return completion
