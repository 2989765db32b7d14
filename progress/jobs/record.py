"""A job's task, and the row that tells how it went."""

import logging
import time
from collections.abc import Callable
from functools import wraps

from celery import current_app, shared_task
from django.db import DatabaseError, connection
from django.db.models import F
from django.utils import timezone

from progress.models import Job
from progress.operations.advisory_lock import alone

from .run import Run, describe

logger = logging.getLogger(__name__)

_names: set[str] = set()


def job(work: Callable) -> Callable:
    """A Celery task that does `work(run, *ids)`, unless somebody is at the same ids already.

    Raises what `work` raises, after noting it. Takes its name from the function, as tasks do.
    """
    name = f"{work.__module__}.{work.__name__}"
    _names.add(name)

    @shared_task(name=name)
    @wraps(work)
    def task(*ids: int) -> None:
        with alone(name, *ids) as is_ours:
            if is_ours:
                _do(name, work, ids)

    return task


def register() -> None:
    """Have a row for each job, so that one that never ran is seen as well."""
    current_app.loader.import_default_modules()
    Job.objects.bulk_create([Job(name=name) for name in sorted(_names)], ignore_conflicts=True)


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
