"""What happens to certificates without anybody asking; each is safe to run twice, also at once."""

from functools import partial

from celery import shared_task
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from certificates import issuing, rendering
from progress import broker
from progress.jobs import Run, job
from progress.signals import course_completed


@receiver(course_completed)
def issue_now(enrollment_id: int, **_) -> None:
    """In the worker that sends the outbox, and in the transaction that marks the message sent."""
    certificate = issuing.issue(enrollment_id)
    if certificate is not None:
        transaction.on_commit(partial(broker.enqueue, render_certificate, certificate.pk))


@shared_task
def render_certificate(certificate_id: int) -> None:
    """Make its file, and tell the open pages."""
    rendering.render(certificate_id, timezone.now())


@shared_task
def render_anew(certificate_id: int) -> None:
    """Make another file of it, if it would look different today."""
    rendering.render(certificate_id, timezone.now(), anew=True)


@job
def issue_missing(run: Run) -> None:
    """Issue the certificates of completed enrolments that have none."""
    issuing.issue_missing(run)


@job
def render_missing(run: Run) -> None:
    """Render the certificates that have no file yet."""
    rendering.render_missing(run)
