"""What happens without anybody asking. Each task is safe to run twice, also at once.

When they run is in the database (admin, Periodic tasks); migrations write the first schedule. Each
costs what has changed since, not what exists, and goes on where it was when killed. How each of
them went is in the admin, Jobs.
"""

import time

from celery import shared_task
from django.dispatch import receiver

from progress.jobs import Run, job
from progress.mail import outgoing
from progress.models import Course
from progress.operations import broker, outbox, partitions, retention
from progress.signals import course_restructured

MONTHS_AHEAD = 3
MOST_MESSAGES = 50_000  # of one sweep; the next one goes on


@job
def close_idle_sessions(run: Run) -> None:
    """Close sessions that fell silent, at their last event."""
    from progress.ingest.closing import expire_silent

    expire_silent(run.now, run=run)


@job
def recompute_averages(run: Run) -> None:
    """Mend session counts and averages that differ from the sessions."""
    from progress.ingest.averages import recompute

    recompute(run.now, run=run)


@job
def refold_course(run: Run, course_id: int) -> None:
    """Bring a changed course's learners up to its structure."""
    from progress.ingest.refold import refold_course as refold

    refold(course_id, now=run.now, run=run, rest=time.sleep)


@receiver(course_restructured)
def refold_soon(course_id: int, **_) -> None:
    broker.enqueue(refold_course, course_id)


@job
def refold_restructured(run: Run) -> None:
    """Ask for every changed course whose learners aren't up to its structure yet."""
    for course_id in Course.objects.to_refold().values_list("pk", flat=True):
        run.rows += broker.enqueue(refold_course, course_id)


@job
def check_sample(run: Run) -> None:
    """Compare a sample of stored progress with a fresh fold; raise the drift alarm."""
    from progress.ingest.drift import check_sample as check

    check(run)


@shared_task
def send_messages(message_ids: list[int]) -> None:
    """Send these outbox messages."""
    outbox.send(message_ids)


@job
def send_outbox(run: Run) -> None:
    """Send the outbox messages that were not sent when they were written."""
    run.rows = outbox.send_unsent(run.now, limit=MOST_MESSAGES)


@job
def send_mail(run: Run) -> None:
    """Send the mail that is due."""
    run.rows = outgoing.send_due(run.now)


@job
def make_partitions(run: Run) -> None:
    """Have the evidence's partitions ready: this month's, the next ones', those of stray rows."""
    made = partitions.ensure(run.now.date(), 1 + MONTHS_AHEAD)
    for month in partitions.stray_months():
        made += partitions.ensure(month, 1)
    run.rows = len(made)


@job
def export_evidence(run: Run) -> None:
    """Write evidence older than its retention to files, and drop its partitions."""
    for _ in retention.export_expired(run.now):
        run.rows += 1


@job
def prune(run: Run) -> None:
    """Delete what nobody needs any more: old messages, sign-ins and resolved alarms."""
    run.rows = retention.prune(run.now)
