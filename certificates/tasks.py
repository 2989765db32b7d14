"""Background tasks of certificates. Each is safe to run twice, also at the same time."""

from functools import partial

from celery import shared_task
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from certificates import payloads
from certificates.documents import rendering
from certificates.evidence import sealing
from certificates.lifecycle import issuing, reminders, renewals, reviews
from certificates.models import Certificate
from progress.jobs import Run, every, job
from progress.models import User
from progress.operations import broker
from progress.signals import course_completed, course_regraded


@receiver(course_completed)
def issue_now(enrollment_id: int, **_) -> None:
    """Runs in the worker that sends the outbox, in the transaction that marks the message sent."""
    certificate = issuing.issue(enrollment_id)
    if certificate is not None:
        make_soon(certificate)


def make_soon(certificate: Certificate) -> None:
    """After commit, has a worker make the file and seal the evidence; sweeps do what is left."""
    transaction.on_commit(partial(broker.enqueue, render_certificate, certificate.pk))
    transaction.on_commit(partial(broker.enqueue, seal_evidence, certificate.pk))


@receiver(course_regraded)
def review_changed_score(enrollment_id: int, **_) -> None:
    """Puts a certificate under review when its score differs from today's."""
    reviews.compare(enrollment_id, timezone.now())


@transaction.atomic
def issue_anew(certificate: Certificate, *, reason: str, by: User | None) -> Certificate:
    """Issues a certificate anew for a reason, and has its file made."""
    made = issuing.reissue(certificate.pk, reason=reason, by=by)
    make_soon(made)
    transaction.on_commit(partial(payloads.push_certificate, made), robust=True)
    return made


@shared_task
def render_certificate(certificate_id: int) -> None:
    """Makes the certificate's file, and updates the learner's open pages."""
    rendering.render(certificate_id, timezone.now())


@shared_task
def seal_evidence(certificate_id: int) -> None:
    """Seals the evidence behind a certificate."""
    sealing.seal(certificate_id, timezone.now())


@job
def render_anew(run: Run, *certificate_ids: int) -> None:
    """Makes a new file of each certificate that would look different today."""
    rendering.render_anew(run, certificate_ids)


@job(schedule=every("Issue missing certificates", minutes=5))
def issue_missing(run: Run) -> None:
    """Issues the certificates of completed enrolments that have none."""
    issuing.issue_missing(run)


@job(schedule=every("Render missing certificates", minutes=5))
def render_missing(run: Run) -> None:
    """Renders the certificates that have no file yet."""
    rendering.render_missing(run)


@job(schedule=every("Seal missing evidence of certificates", minutes=5))
def seal_missing(run: Run) -> None:
    """Seals the evidence of certificates that isn't sealed yet."""
    sealing.seal_missing(run)


@job(schedule=every("Begin renewals of certificates", minutes=60))
def begin_renewals(run: Run) -> None:
    """Begins the automatic renewals of certificates that expire soon."""
    renewals.begin_renewals(run)


@job(schedule=every("Remind learners of expiring certificates", minutes=60))
def remind(run: Run) -> None:
    """Reminds learners by mail that a certificate expires soon."""
    reminders.plan(run)
    reminders.send(run)
