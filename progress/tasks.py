"""What happens without anybody asking. Each task is safe to run twice, also at once.

When they run is in the database (admin, Periodic tasks); migration 0003 writes the first schedule.
Each costs what has changed since, not what exists, and goes on where it was when killed.
"""

from celery import shared_task
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from progress import broker, outbox, partitions
from progress.alone import alone
from progress.models import Course
from progress.signals import course_restructured

CHUNK = 500
MONTHS_AHEAD = 3


@shared_task
def close_idle_sessions() -> None:
    """Close sessions that fell silent, at their last event."""
    from progress.ingest.closing import expire_silent

    with alone("close_idle_sessions") as is_ours:
        while is_ours and expire_silent(timezone.now(), limit=CHUNK) >= CHUNK:
            pass


@shared_task
def recompute_averages() -> None:
    """Mend session counts and averages that differ from the sessions."""
    from progress.ingest.averages import recompute

    with alone("recompute_averages") as is_ours:
        if is_ours:
            recompute(timezone.now())


@shared_task
def refold_course(course_id: int) -> None:
    """Bring a changed course's learners up to its structure."""
    from progress.ingest.refold import refold_course as refold

    with alone("refold_course", course_id) as is_ours:
        if is_ours:
            refold(course_id, now=timezone.now(), chunk=CHUNK)


@receiver(course_restructured)
def refold_soon(course_id: int, **_) -> None:
    broker.enqueue(refold_course, course_id)


@shared_task
def refold_restructured() -> None:
    """Ask for every changed course whose learners aren't up to its structure yet."""
    for course_id in Course.objects.to_refold().values_list("pk", flat=True):
        broker.enqueue(refold_course, course_id)


@shared_task
def send_messages(message_ids: list[int]) -> None:
    """Send these outbox messages."""
    outbox.send(message_ids)


@shared_task
def send_outbox() -> None:
    """Send the outbox messages that were not sent when they were written."""
    with alone("send_outbox") as is_ours:
        if is_ours:
            outbox.send_unsent(timezone.now(), limit=CHUNK)


@shared_task
def make_partitions() -> None:
    """Have the evidence's partitions ready, this month's and the next ones'."""
    with transaction.atomic():
        partitions.ensure(timezone.now().date(), 1 + MONTHS_AHEAD)
