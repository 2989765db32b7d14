"""What happens to certificates without anybody asking; each is safe to run twice, also at once."""

from django.dispatch import receiver

from certificates import issuing
from progress.jobs import Run, job
from progress.signals import course_completed


@receiver(course_completed)
def issue_now(enrollment_id: int, **_) -> None:
    """In the worker that sends the outbox, and in the transaction that marks the message sent."""
    issuing.issue(enrollment_id)


@job
def issue_missing(run: Run) -> None:
    """Issue the certificates of completed enrolments that have none."""
    issuing.issue_missing(run)
