"""Background jobs of authoring; each is safe to run twice, also at the same time."""

from django.dispatch import receiver

from authoring import checking, uploading
from progress.jobs import Run, crontab, every, job
from progress.operations import broker


@job
def check_upload(run: Run, upload_id: int) -> None:
    """Check, measure and store a large upload that has arrived."""
    run.rows = checking.check(upload_id)


@receiver(checking.upload_waits)
def check_soon(upload_id: int, **_) -> None:
    broker.enqueue(check_upload, upload_id)


@job(schedule=every("Check uploads that wait", minutes=1, expires=True))
def check_waiting_uploads(run: Run) -> None:
    """Have those uploads checked whose turn was missed, or whose worker was killed."""
    for upload_id in checking.waiting():
        run.rows += broker.enqueue(check_upload, upload_id)


@job(schedule=crontab("Delete unfinished uploads", minute="50", hour="4"))
def prune_uploads(run: Run) -> None:
    """Delete uploads that were begun and given up, with the parts that had arrived, and what
    killed processes left behind."""
    run.rows = uploading.prune(run.now) + checking.delete_leftovers(run.now)
