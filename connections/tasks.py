"""Background jobs of connections; each is safe to run twice, also at the same time."""

from connections.events import due_dates
from connections.webhooks import delivering, pruning
from progress.jobs import Run, crontab, every, job


@job(schedule=every("Send webhooks", seconds=5, expires=True))
def send_webhooks(run: Run) -> None:
    """Publish new events, and send what is due to webhook endpoints."""
    run.rows = delivering.run()


@job(schedule=every("Write events about due dates", minutes=15, expires=True))
def write_due_dates(run: Run) -> None:
    """Write events about what is due soon, overdue, or about to expire."""
    run.rows = due_dates.write(run.now)


@job(schedule=crontab("Delete old webhook events", minute="30", hour="4"))
def prune_events(run: Run) -> None:
    """Delete old events with their deliveries."""
    run.rows = pruning.prune(run.now)
