"""The decorator that makes a function a job, and the row that records how its last run went."""

import logging
import time
from collections.abc import Callable
from functools import partial, wraps

from celery import shared_task
from django.apps import apps as installed_apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from progress.models import Job
from progress.operations.advisory_lock import advisory_lock

from .run import Run, describe
from .schedule import Schedule, declare, declared, write

logger = logging.getLogger(__name__)


def job(
    work: Callable | None = None, *, schedule: Schedule | None = None, name: str = ""
) -> Callable:
    """Makes `work(run, *ids)` a Celery task, which does nothing while another run has the same ids.

    `schedule` says when it runs; without one, other code has to call it. The task is named after
    the function, as Celery's are, unless `name` is given. What `work` raises is recorded and raised
    again.
    """
    if work is None:
        return partial(job, schedule=schedule, name=name)
    task_name = name or f"{work.__module__}.{work.__name__}"
    declare(task_name, schedule)

    @shared_task(name=task_name)
    @wraps(work)
    def task(*ids: int) -> None:
        with advisory_lock(task_name, *ids) as is_ours:
            if is_ours:
                _do(task_name, work, ids)

    return task


def register(*, apps=installed_apps, using: str = DEFAULT_DB_ALIAS, **_) -> None:
    """Give each job that the database doesn't know a row, so that one that never ran is seen as
    well, and its entry in the schedule. Receives `post_migrate`."""
    if using != DEFAULT_DB_ALIAS or not _has_tables(apps):
        return
    schedules = declared()
    with transaction.atomic():
        known = set(Job.objects.values_list("name", flat=True))
        new = sorted(schedules.keys() - known)
        Job.objects.bulk_create([Job(name=each) for each in new], ignore_conflicts=True)
        write({each: schedule for each in new if (schedule := schedules[each])}, apps)


def _has_tables(apps) -> bool:
    """Whether the migration went far enough: one may stop at an early state."""
    try:
        apps.get_model("progress", "Job")
        apps.get_model("django_celery_beat", "PeriodicTask")
    except LookupError:
        return False
    return True


def _do(name: str, work: Callable, ids: tuple) -> None:
    run, began = Run(name), time.monotonic()
    Job.objects.update_or_create(name=name, defaults={"started_at": run.now})
    try:
        work(run, *ids)
    except Exception as error:
        # Any error is noted, and raised again for the worker's log.
        _note_failure(run, began, error)
        raise
    _note(run, began, succeeded_at=timezone.now(), failures_in_a_row=0, last_error="")


def _note_failure(run: Run, began: float, error: Exception) -> None:
    try:
        if not connection.in_atomic_block:
            # The connection may be what failed.
            connection.close_if_unusable_or_obsolete()
        _note(
            run,
            began,
            failures=F("failures") + 1,
            failures_in_a_row=F("failures_in_a_row") + 1,
            last_error=describe(error),
        )
    except DatabaseError:
        logger.exception("%s: its failure can't be noted", run.job)


def _note(run: Run, began: float, **values) -> None:
    Job.objects.filter(name=run.job).update(
        finished_at=timezone.now(),
        duration_ms=int((time.monotonic() - began) * 1000),
        rows=run.rows,
        runs=F("runs") + 1,
        **values,
    )
