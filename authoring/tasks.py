"""Background jobs of authoring; each is safe to run twice, also at the same time."""

from authoring import uploading
from progress.jobs import Run, crontab, job


@job(schedule=crontab("Delete unfinished uploads", minute="50", hour="4"))
def prune_uploads(run: Run) -> None:
    """Delete uploads that were begun and given up, with the parts that had arrived."""
    run.rows = uploading.prune(run.now)
