"""Background work: each task takes ids, is idempotent and calls one function."""

from celery import shared_task

from progress import outbox


@shared_task
def send_outbox_messages(message_ids: list[int]) -> int:
    """Send what a commit left in the outbox."""
    return outbox.send(message_ids)
