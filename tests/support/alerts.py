"""Learners who need attention, and their alerts."""

from datetime import datetime, timedelta

from django.utils import timezone

from analytics.alerts import opening
from analytics.models import Alert
from progress.jobs import Run
from progress.models import Course, Enrollment, User

from .learners import someone

DAY = timedelta(days=1)


def watch(now: datetime | None = None, **changes) -> Run:
    run = Run("watch", now or timezone.now())
    opening.watch(run, **changes)
    return run


def an_idle_learner(course: Course, **changes) -> User:
    """A learner who enrolled a month ago and has never learned."""
    return someone(course, **({"email": "them@example.org"} | changes))


def an_alert(course: Course, **changes) -> Alert:
    """An alert that a learner never started, as the job raises it."""
    person = an_idle_learner(course, **changes)
    watch()
    return Alert.objects.get(user=person)


def the_enrollment(person: User) -> Enrollment:
    return Enrollment.objects.get(user=person)
