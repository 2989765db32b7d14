"""Actions of staff on alerts: acknowledge, snooze, assign, close. Each is recorded as a step.

Pass only alerts that the user may handle (`AlertQuerySet.handled_by`). Each function returns how
many alerts changed. Closed alerts stay closed.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from analytics.models import Alert, AlertStep
from progress.models import Course, User, has_team, team_of
from progress.operations.locking import lock_rows

MAX_SNOOZE = timedelta(days=365)
What = AlertStep.What
State = Alert.State


class BadMoment(Exception):
    """The end of a snooze isn't in the future, or more than a year ahead."""


class MayNotSee(Exception):
    """The assignee may not see the course's learners, and isn't their manager."""


def acknowledge(alerts, *, by: User, now: datetime) -> int:
    def change(alert: Alert) -> AlertStep | None:
        if alert.state == State.ACKNOWLEDGED:
            return None
        alert.state, alert.snoozed_until = State.ACKNOWLEDGED, None
        return AlertStep(alert=alert, at=now, by=by, what=What.ACKNOWLEDGED)

    return _change(alerts, change)


def snooze(alerts, until: datetime, *, by: User, now: datetime) -> int:
    """Raises BadMoment."""
    if not now < until <= now + MAX_SNOOZE:
        raise BadMoment

    def change(alert: Alert) -> AlertStep | None:
        if alert.snoozed_until == until:
            return None
        alert.state, alert.snoozed_until = State.SNOOZED, until
        return AlertStep(alert=alert, at=now, by=by, what=What.SNOOZED, until=until)

    return _change(alerts, change)


@transaction.atomic
def assign(alerts, to: User | None, *, by: User, now: datetime) -> int:
    """Assigns the alerts to a person, or to nobody. Raises MayNotSee, and then changes none."""
    if to is not None:
        # As their manager, or else as staff who may see the course's learners.
        others = alerts.unclosed().order_by().exclude(user__in=team_of(to))
        courses = set(others.values_list("course_id", flat=True))
        if courses and not staff_who_see(courses).filter(pk=to.pk).exists():
            raise MayNotSee
    what = What.UNASSIGNED if to is None else What.ASSIGNED

    def change(alert: Alert) -> AlertStep | None:
        if alert.assigned_to_id == (to and to.pk):
            return None
        alert.assigned_to = to
        return AlertStep(alert=alert, at=now, by=by, what=what, to=to)

    return _change(alerts, change)


def close(alerts, *, by: User, now: datetime) -> int:
    def change(alert: Alert) -> AlertStep:
        alert.state, alert.snoozed_until = State.CLOSED, None
        alert.closed_at, alert.closing = now, Alert.Closing.BY_HAND
        return AlertStep(alert=alert, at=now, by=by, what=What.CLOSED)

    return _change(alerts, change)


CHANGED = ["state", "snoozed_until", "assigned_to", "closed_at", "closing"]


@transaction.atomic
def _change(alerts, change: Callable[[Alert], AlertStep | None]) -> int:
    """`change` alters an alert and returns the step, or None if there is nothing to do."""
    held = lock_rows(alerts.unclosed())
    steps = [step for alert in held if (step := change(alert)) is not None]
    Alert.objects.bulk_update([step.alert for step in steps], CHANGED)
    AlertStep.objects.bulk_create(steps)
    return len(steps)


def staff_who_see(course_ids: Collection[int]):
    """Returns staff who may see the learners of all these courses."""
    each = Q()
    for course_id in course_ids:
        each &= Q(pk__in=_teachers([course_id]))
    return _staff(each)


def staff_who_see_any(course_ids: Collection[int]):
    """Returns staff who may see the learners of any of these courses, by name."""
    return _staff(Q(pk__in=_teachers(course_ids)))


def possible_assignees(course_ids: Collection[int], reader: User):
    """Returns the same, and `reader` if anybody reports to them."""
    if not has_team(reader):
        return staff_who_see_any(course_ids)
    staff = staff_who_see_any(course_ids).order_by().values("pk")
    people = User.objects.filter(Q(pk=reader.pk) | Q(pk__in=staff))
    return people.order_by("full_name", "username")


def _staff(teaches: Q):
    everything = Q(pk__in=staff_with("view_all_progress").order_by().values("pk"))
    staff = staff_with("view_courseprogress").filter(everything | teaches)
    return staff.order_by("full_name", "username")


def _teachers(course_ids: Collection[int]):
    return Course.instructors.through.objects.filter(course__in=course_ids).values("user_id")


def staff_with(permission: str):
    """Returns active staff with a permission of `progress`, including superusers."""
    backend = "django.contrib.auth.backends.ModelBackend"
    return User.objects.with_perm(f"progress.{permission}", backend=backend).filter(is_staff=True)
