"""Session counts and averages: kept by every start and end, mended here should they ever differ."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from progress.jobs import Run
from progress.models import CourseProgress, LearningSession
from progress.operations.locking import lock_progress, retried

# Longer than the pause between two runs, so that what one missed the next one sees.
RECENT = timedelta(hours=2)
CHUNK = 500
COLUMNS = ["total_sessions", "ended_sessions", "ended_ms"]


def recompute(now: datetime, *, chunk: int = CHUNK, run: Run | None = None) -> int:
    """Correct the learners whose sessions changed lately. Returns how many differed."""
    run = run or Run("recompute", now)
    changed = LearningSession.objects.filter(Q(end_time=None) | Q(end_time__gte=now - RECENT))
    differing = (
        sums(LearningSession.objects.filter(enrollment__in=changed.values("enrollment")))
        .exclude(**{name: F(f"enrollment__course_progress__{name}") for name in COLUMNS})
        .exclude(enrollment__in=run.rows_set_aside())
        .values_list("enrollment_id", flat=True)
    )
    ids = list(differing)
    for at in range(0, len(ids), chunk):
        run.take(mend, ids[at : at + chunk])
    return run.rows


def sums(sessions: QuerySet[LearningSession]) -> QuerySet:
    """`{enrollment_id, total_sessions, ended_sessions, ended_ms}` of each enrolment."""
    lasted = Func(
        F("end_time") - F("start_time"),
        template="floor(extract(epoch from %(expressions)s) * 1000)::bigint",
        output_field=BigIntegerField(),
    )
    return (
        sessions.order_by()
        .values("enrollment_id")
        .annotate(
            total_sessions=Count("pk"),
            ended_sessions=Count("end_time"),
            ended_ms=Coalesce(Sum(lasted, output_field=BigIntegerField()), 0),
        )
    )


@retried
def mend(enrollment_ids: Iterable[int]) -> int:
    """Count these learners' sessions again, under the lock that starts and ends take as well."""
    locked = lock_progress(enrollment_ids)
    counted = {
        row["enrollment_id"]: row
        for row in sums(LearningSession.objects.filter(enrollment__in=[p.pk for p in locked]))
    }
    mended = []
    for progress in locked:
        fresh = [counted.get(progress.pk, {}).get(name, 0) for name in COLUMNS]
        if fresh != [getattr(progress, name) for name in COLUMNS]:
            for name, value in zip(COLUMNS, fresh, strict=True):
                setattr(progress, name, value)
            mended.append(progress)
    CourseProgress.objects.bulk_update(mended, COLUMNS, batch_size=500)
    return len(mended)
