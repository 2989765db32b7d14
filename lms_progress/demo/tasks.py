from progress.jobs.run import Run
from progress.jobs.schedule import every
from progress.jobs.task import job

from . import guests


@job(schedule=every("Expire the demo's guests", minutes=15, expires=True))
def expire_guests(run: Run) -> None:
    """Close the accounts of the demo's guests after two hours."""
    run.rows = guests.expire(run.now)
