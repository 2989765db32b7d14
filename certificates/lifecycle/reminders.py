"""Mails to learners whose certificate expires soon: written as rows, each sent at most once.

None while a completion elsewhere is valid beyond the certificate.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from certificates import validity
from certificates.lifecycle import renewals
from certificates.models import Certificate, CertificateStatus, Reminder
from certificates.models.lifecycle import MAX_DAYS
from progress.jobs import Run
from progress.mail import outgoing

CHUNK = 200
MAX_PER_RUN = 2000  # mails; the next run goes on


def plan(run: Run, *, chunk: int = CHUNK) -> None:
    """Writes a row for each reminder that is due; where several are, only for the latest."""
    ending = (
        Certificate.objects.newest()
        .filter(
            ~renewals.outlasted(OuterRef("expires_at")),
            expires_at__gt=run.now,
            expires_at__lte=run.now + timedelta(days=MAX_DAYS + 1),
            course__validity__isnull=False,
            course__retired_at=None,
            user__is_active=True,
            enrollment__unenrolled_at=None,
            revocation=None,
        )
        .exclude(pk__in=run.rows_set_aside())
        .order_by("pk")
    )
    ids = list(ending.values_list("pk", flat=True))
    for at in range(0, len(ids), chunk):
        run.take(partial(_plan_all, now=run.now), ids[at : at + chunk])


@transaction.atomic
def _plan_all(certificate_ids: Sequence[int], *, now: datetime) -> int:
    found = renewals.with_terms().with_status(now).filter(pk__in=certificate_ids)
    due = [row for each in found if (row := _due(each, now)) is not None]
    before = Reminder.objects.filter(certificate__in=certificate_ids).count()
    Reminder.objects.bulk_create(due, ignore_conflicts=True)
    return Reminder.objects.filter(certificate__in=certificate_ids).count() - before


def _due(certificate: Certificate, now: datetime) -> Reminder | None:
    """Returns the latest reminder that is due; None after a renewal."""
    if certificate.status == CertificateStatus.SUPERSEDED or certificate.expires_at is None:
        return None
    zone = timezone.get_default_timezone()
    due = [
        (opens, days)
        for days in certificate.course.validity.remind_days
        if (opens := validity.opens_at(certificate.expires_at, days, zone)) <= now
    ]
    if not due:
        return None
    due_at, days = max(due)
    return Reminder(
        certificate=certificate, user_id=certificate.user_id, days_before=days, due_at=due_at
    )


def send(run: Run, *, limit: int = MAX_PER_RUN) -> None:
    """Queues the reminders that are not sent yet, and sends them.

    Raises the mail server's error if nothing could be sent; they are tried again later.
    """
    waiting = Reminder.objects.filter(sent_at=None, error="").order_by("due_at", "pk")
    queued = outgoing.unsent_keys("reminder")
    ids = [pk for pk in waiting.values_list("pk", flat=True) if str(pk) not in queued]
    outgoing.queue("reminder", [(str(pk), {"reminder_id": pk}) for pk in ids[:limit]], run.now)
    run.rows += outgoing.send_due(run.now)


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    found = Reminder.objects.select_related("certificate__user")
    reminder = found.filter(pk=payload["reminder_id"]).first()
    if reminder is None:
        return "The reminder is gone."
    return _reason_not_to(reminder, now) or message(reminder)


def note(payload: dict, sent_at: datetime | None, error: str) -> None:
    Reminder.objects.filter(pk=payload["reminder_id"]).update(sent_at=sent_at, error=error)


def _reason_not_to(reminder: Reminder, now: datetime) -> str:
    certificate = Certificate.objects.with_status(now).get(pk=reminder.certificate_id)
    if certificate.status in (
        CertificateStatus.SUPERSEDED,
        CertificateStatus.EXPIRED,
        CertificateStatus.REVOKED,
    ):
        return f"The certificate is {certificate.status} now."
    if not reminder.certificate.user.email:
        return "The learner has no email address."
    return ""


def message(reminder: Reminder) -> EmailMessage:
    certificate = reminder.certificate
    zone = timezone.get_default_timezone()
    last_day = validity.last_day_of(certificate.expires_at, zone)
    context = {
        "certificate": certificate,
        "last_day": last_day,
        "days": (last_day - timezone.localdate(timezone=zone)).days,
        "issuer": settings.CERTIFICATE_ISSUER,
        "url": settings.PUBLIC_URL + reverse("certificate", args=[certificate.number])
        if settings.PUBLIC_URL
        else "",
    }
    with translation.override(certificate.user.mail_language):
        text = render_to_string("certificates/ending.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[certificate.user.email])
