"""What happens in the background. Each task is safe to run twice, also at the same time.

A job declares its first schedule; from then on the schedule is the operator's (admin, Periodic
tasks). Each costs what has changed since its last run, not what exists, and continues where it was
when it was killed. The admin shows how each of them went (Jobs). Two tasks stand beside what they
send: `outbox.send_messages` and `outgoing.send_mail`.
"""

import time

from django.dispatch import receiver

from progress.catalogue import short_media_mail
from progress.ingest import averages, closing, drift, erasing, refold, timing_out
from progress.jobs import Run, crontab, every, job
from progress.mail import outgoing, study_reminders  # noqa: F401 (their tasks are found here)
from progress.models import Course
from progress.operations import broker, outbox, partitions, retention
from progress.pages.searching import indexing
from progress.signals import captions_changed, course_restructured, erasure_requested

MONTHS_AHEAD = 3
MAX_MESSAGES = 50_000  # of one sweep; the next one continues


@job(schedule=every("Close idle sessions", minutes=1, expires=True))
def close_idle_sessions(run: Run) -> None:
    """Close sessions without a recent event, at their last event."""
    closing.expire_silent(run.now, run=run)


@job(schedule=every("Submit attempts whose time is over", minutes=1, expires=True))
def submit_overdue_attempts(run: Run) -> None:
    """Submit attempts with a time limit that nobody came back to."""
    timing_out.submit_overdue(run.now, run=run)


@job(schedule=every("Recompute averages", minutes=10, expires=True))
def recompute_averages(run: Run) -> None:
    """Correct session counts and averages that differ from the sessions."""
    averages.recompute(run.now, run=run)


@job
def refold_course(run: Run, course_id: int) -> None:
    """Bring a changed course's learners up to its structure."""
    refold.refold_course(course_id, now=run.now, run=run, rest=time.sleep)


@receiver(erasure_requested)
def erase_soon(**_) -> None:
    broker.enqueue(erase_test_data)


@receiver(course_restructured)
def refold_soon(course_id: int, **_) -> None:
    broker.enqueue(refold_course, course_id)


@job(schedule=every("Refold changed courses", minutes=5, expires=True))
def refold_restructured(run: Run) -> None:
    """Have every changed course refolded whose learners aren't up to its structure yet."""
    for course_id in Course.objects.to_refold().values_list("pk", flat=True):
        run.rows += broker.enqueue(refold_course, course_id)


@job
def index_course(run: Run, course_id: int) -> None:
    """Store the words of a changed course's contents, for learners' search."""
    run.rows = indexing.index_course(course_id)


@receiver([course_restructured, captions_changed])
def index_soon(course_id: int, **_) -> None:
    broker.enqueue(index_course, course_id)


@job(schedule=crontab("Index contents for search", minute="30", hour="2"))
def index_contents(run: Run) -> None:
    """Store the words of every content whose files have changed."""
    run.rows = indexing.index_all()


@job(schedule=crontab("Check a sample of progress", minute="20", hour="2"))
def check_sample(run: Run) -> None:
    """Compare a sample of stored progress with a fresh fold; raise the drift alarm."""
    drift.check_sample(run)


@job(schedule=crontab("Warn of short media", minute="50", hour="4"))
def warn_of_short_media(run: Run) -> None:
    """Write to instructors whose learners stand at the end of a medium, short of its length."""
    short_media_mail.warn_instructors(run)


@job(schedule=every("Send the outbox", minutes=1, expires=True))
def send_outbox(run: Run) -> None:
    """Send the outbox messages that were not sent when they were written."""
    run.rows = outbox.send_unsent(run.now, limit=MAX_MESSAGES)


@job(schedule=crontab("Make the evidence's partitions", minute="10", hour="3"))
def make_partitions(run: Run) -> None:
    """Make the evidence's partitions: this month's, the next ones, and those of stray rows."""
    made = partitions.ensure(run.now.date(), 1 + MONTHS_AHEAD)
    for month in partitions.stray_months():
        made += partitions.ensure(month, 1)
    run.rows = len(made)


@job(schedule=crontab("Export old evidence", minute="40", hour="3"))
def export_evidence(run: Run) -> None:
    """Write evidence older than its retention to files, and drop its partitions."""
    for _ in retention.export_expired(run.now):
        run.rows += 1


@job(schedule=every("Erase test data", minutes=10, expires=True))
def erase_test_data(run: Run) -> None:
    """Go on with what was asked for: test learners and test courses, with all their rows."""
    erasing.go_on(run)


@job(schedule=crontab("Prune", minute="10", hour="4"))
def prune(run: Run) -> None:
    """Delete what is no longer needed: old messages, sign-ins and resolved alarms."""
    run.rows = retention.prune(run.now)
