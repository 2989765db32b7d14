"""Alerts open, change and close with their causes: the hourly job, and the one writer of new ones.

Twice at once it opens nothing twice: the database lets one alert of a kind stand for a learner and
a course. Alerts are locked in the order of their ids, here and in `acting`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from analytics.models import Alert, AlertStep, AlertThresholds
from progress.jobs import Run

from . import rules
from .reading import open_enrollments, read
from .rules import Cause, Facts

CHUNK = 1000

# An enrolment and a kind.
Place = tuple[int, str]


def watch(run: Run, *, chunk: int = CHUNK) -> None:
    """Look at every open enrolment: about ten statements for each thousand of them."""
    limits = AlertThresholds.current()
    run.rows += _close_over(run.now) + _wake(run.now)
    watched = open_enrollments().exclude(pk__in=run.rows_set_aside()).order_by("pk")
    ids = list(watched.values_list("pk", flat=True))
    for at in range(0, len(ids), chunk):
        run.take(partial(_watch, limits=limits, now=run.now), ids[at : at + chunk])


def _close_over(now: datetime) -> int:
    """Close what is about an enrolment that was completed, left or replaced by a new cycle."""
    over = Alert.objects.unclosed().exclude(enrollment__in=open_enrollments().values("pk"))
    with transaction.atomic():
        ids = list(over.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        return _close(ids, Alert.Closing.OVER, now)


def _close(ids: Collection[int], closing: Alert.Closing, now: datetime) -> int:
    if not ids:
        return 0
    return Alert.objects.filter(pk__in=ids).update(
        state=Alert.State.CLOSED, closed_at=now, closing=closing, snoozed_until=None
    )


@transaction.atomic
def _wake(now: datetime) -> int:
    """Open what was snoozed until now."""
    due = Alert.objects.filter(state=Alert.State.SNOOZED, snoozed_until__lte=now)
    ids = list(due.select_for_update().order_by("pk").values_list("pk", flat=True))
    AlertStep.objects.bulk_create(
        AlertStep(alert_id=pk, at=now, what=AlertStep.What.WOKE) for pk in ids
    )
    return Alert.objects.filter(pk__in=ids).update(state=Alert.State.OPEN, snoozed_until=None)


@transaction.atomic
def _watch(ids: Collection[int], *, limits: AlertThresholds, now: datetime) -> int:
    """Answers how many alerts were opened, changed or closed."""
    known = {facts.enrollment_id: facts for facts in read(ids, limits, now)}
    causes = {
        (facts.enrollment_id, cause.kind): cause
        for facts in known.values()
        for cause in rules.causes(facts, limits, now)
    }
    standing = list(
        Alert.objects.unclosed().filter(enrollment__in=ids).select_for_update().order_by("pk")
    )
    gone = [alert.pk for alert in standing if _place(alert) not in causes]
    changed = list(_changed(standing, causes))
    Alert.objects.bulk_update(changed, ["facts"])
    held = {_place(alert) for alert in standing} | _cooling(ids, limits, now)
    opened = [
        _alert(known[place[0]], cause, now) for place, cause in causes.items() if place not in held
    ]
    Alert.objects.bulk_create(opened, ignore_conflicts=True)
    return len(opened) + len(changed) + _close(gone, Alert.Closing.GONE, now)


def _place(alert: Alert) -> Place:
    return alert.enrollment_id, alert.kind


def _changed(standing: Iterable[Alert], causes: dict[Place, Cause]) -> Iterable[Alert]:
    for alert in standing:
        cause = causes.get(_place(alert))
        if cause is not None and cause.facts != alert.facts:
            alert.facts = cause.facts
            yield alert


def _cooling(ids: Collection[int], limits: AlertThresholds, now: datetime) -> set[Place]:
    """Where an alert closed so lately that it isn't opened again yet."""
    lately = now - timedelta(days=limits.cool_down_days)
    closed = Alert.objects.filter(enrollment__in=ids, closed_at__gt=lately).order_by()
    return set(closed.values_list("enrollment_id", "kind"))


def _alert(facts: Facts, cause: Cause, now: datetime) -> Alert:
    return Alert(
        enrollment_id=facts.enrollment_id,
        user_id=facts.user_id,
        course_id=facts.course_id,
        kind=cause.kind,
        opened_at=now,
        since=cause.since,
        last_seen=facts.last_seen,
        facts=cause.facts,
    )
