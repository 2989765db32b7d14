"""The drift alarm: a nightly sample finds stored progress that disagrees with a fresh fold."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from progress.ingest.checking import Disagreement, check
from progress.jobs import Run
from progress.models import CourseProgress, Drift

CHANGED_WITHIN = timedelta(days=1)
CHUNK = 200


def check_sample(run: Run) -> None:
    """Compares a random sample, half of it recently changed; raises and ends alarms.

    Enrolments with an open alarm are always in it, so that an alarm ends once they agree again.
    """
    ids = sorted(_sample(run.now) - set(run.rows_set_aside().values_list("row", flat=True)))
    for at in range(0, len(ids), CHUNK):
        run.take(lambda some: _check(some, run.now), ids[at : at + CHUNK])


def resolve(enrollment_ids: Collection[int], now: datetime) -> None:
    """Ends these enrolments' alarms."""
    Drift.objects.open().filter(enrollment__in=enrollment_ids).update(resolved_at=now)


def _sample(now: datetime) -> set[int]:
    half = -(-settings.CHECK_SAMPLE // 2)
    rows = CourseProgress.objects.order_by("?")
    recent = rows.filter(updated_at__gte=now - CHANGED_WITHIN).values_list("pk", flat=True)[:half]
    any_of_all = rows.values_list("pk", flat=True)[:half]
    alarmed = Drift.objects.open().values_list("enrollment_id", flat=True)
    return {*recent, *any_of_all, *alarmed}


def _check(enrollment_ids: Collection[int], now: datetime) -> int:
    found = list(check(now, enrollments=enrollment_ids))
    still = {(drift.enrollment_id, drift.what) for drift in found}
    for drift in Drift.objects.open().filter(enrollment__in=enrollment_ids):
        if (drift.enrollment_id, drift.what) not in still:
            drift.resolved_at = now
            drift.save(update_fields=["resolved_at"])
    Drift.objects.bulk_create([_alarm(drift, now) for drift in found], ignore_conflicts=True)
    return len(enrollment_ids)


def _alarm(found: Disagreement, now: datetime) -> Drift:
    return Drift(
        enrollment_id=found.enrollment_id,
        what=found.what,
        stored=str(found.stored),
        fresh=str(found.fresh),
        found_at=now,
    )
