"""Opens, changes and closes alerts as their causes come and go: the hourly job.

Only this module writes new alerts. Two runs at once open nothing twice: the database allows one
open alert of a kind for a learner and a course. Alerts are locked by id, here and in `actions`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from analytics.models import Alert, AlertStep, AlertThresholds
from progress.jobs import Run
from progress.operations.locking import lock_rows

from . import rules
from .evidence import open_enrollments, read
from .rules import AlertEvidence, Cause

CHUNK = 1000

# Enrolment id and kind.
AlertKey = tuple[int, str]


def watch(run: Run, *, chunk: int = CHUNK) -> None:
    """Checks every open enrolment: about ten queries for each thousand of them."""
    limits = AlertThresholds.current()
    run.rows += _close_over(run.now) + _wake(run.now)
    watched = open_enrollments(run.now).exclude(pk__in=run.rows_set_aside()).order_by("pk")
    ids = list(watched.values_list("pk", flat=True))
    for at in range(0, len(ids), chunk):
        run.take(partial(_watch, limits=limits, now=run.now), ids[at : at + chunk])


def _close_over(now: datetime) -> int:
    """Closes alerts about enrolments that were completed, here or elsewhere, left or replaced by a
    new cycle."""
    over = Alert.objects.unclosed().exclude(enrollment__in=open_enrollments(now).values("pk"))
    with transaction.atomic():
        return _close([alert.pk for alert in lock_rows(over)], Alert.Closing.OVER, now)


def _close(ids: Collection[int], closing: Alert.Closing, now: datetime) -> int:
    if not ids:
        return 0
    return Alert.objects.filter(pk__in=ids).update(
        state=Alert.State.CLOSED, closed_at=now, closing=closing, snoozed_until=None
    )


@transaction.atomic
def _wake(now: datetime) -> int:
    """Reopens alerts whose snooze has ended."""
    due = Alert.objects.filter(state=Alert.State.SNOOZED, snoozed_until__lte=now)
    ids = [alert.pk for alert in lock_rows(due)]
    AlertStep.objects.bulk_create(
        AlertStep(alert_id=pk, at=now, what=AlertStep.What.WOKE) for pk in ids
    )
    return Alert.objects.filter(pk__in=ids).update(state=Alert.State.OPEN, snoozed_until=None)


@transaction.atomic
def _watch(ids: Collection[int], *, limits: AlertThresholds, now: datetime) -> int:
    """Returns how many alerts were opened, changed or closed."""
    evidence = {each.enrollment_id: each for each in read(ids, limits, now)}
    causes = {
        (each.enrollment_id, cause.kind): cause
        for each in evidence.values()
        for cause in rules.causes(each, limits, now)
    }
    unclosed = lock_rows(Alert.objects.unclosed().filter(enrollment__in=ids))
    gone = [alert.pk for alert in unclosed if _key(alert) not in causes]
    changed = list(_changed(unclosed, causes))
    Alert.objects.bulk_update(changed, ["facts"])
    held = {_key(alert) for alert in unclosed} | _cooling(ids, limits, now)
    opened = [
        _alert(evidence[key[0]], cause, now) for key, cause in causes.items() if key not in held
    ]
    Alert.objects.bulk_create(opened, ignore_conflicts=True)
    return len(opened) + len(changed) + _close(gone, Alert.Closing.GONE, now)


def _key(alert: Alert) -> AlertKey:
    return alert.enrollment_id, alert.kind


def _changed(unclosed: Iterable[Alert], causes: dict[AlertKey, Cause]) -> Iterable[Alert]:
    for alert in unclosed:
        cause = causes.get(_key(alert))
        if cause is not None and cause.facts != alert.facts:
            alert.facts = cause.facts
            yield alert


def _cooling(ids: Collection[int], limits: AlertThresholds, now: datetime) -> set[AlertKey]:
    """Returns the keys of alerts that closed too recently to be opened again."""
    lately = now - timedelta(days=limits.cool_down_days)
    closed = Alert.objects.filter(enrollment__in=ids, closed_at__gt=lately).order_by()
    return set(closed.values_list("enrollment_id", "kind"))


def _alert(evidence: AlertEvidence, cause: Cause, now: datetime) -> Alert:
    return Alert(
        enrollment_id=evidence.enrollment_id,
        user_id=evidence.user_id,
        course_id=evidence.course_id,
        kind=cause.kind,
        opened_at=now,
        since=cause.since,
        last_seen=evidence.last_seen,
        facts=cause.facts,
    )
