"""Written mail is sent: its row is locked, so that two at once don't; killed after, once more."""

import logging
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.db import transaction

from analytics.models import Alert, Digest, Outreach
from progress.jobs import Run

logger = logging.getLogger(__name__)
MOST = 2000  # mails of one run; the next goes on


def send(run: Run, *, most: int = MOST) -> None:
    """Send what waits. Raises what the mail server's failure is: later again."""
    _send_all(Outreach, ("alert__user", "written_by"), _letter, run, most)
    _send_all(Digest, ("user",), _digest, run, most)


def _send_all(model, related: tuple, message: Callable, run: Run, most: int) -> None:
    waiting = model.objects.filter(sent_at=None, error="").order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)[:most]):
        run.rows += _send_one(model, related, message, pk, run.now)


@transaction.atomic
def _send_one(model, related: tuple, message: Callable, pk: int, now: datetime) -> bool:
    mail = (
        model.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related(*related)
        .filter(pk=pk, sent_at=None, error="")
        .first()
    )
    if mail is None:
        return False
    mail.error, prepared = message(mail)
    if not mail.error:
        try:
            prepared.send()
            mail.sent_at = now
        except SMTPRecipientsRefused as refused:
            logger.error("%s %s is refused", model.__name__, pk, exc_info=refused)
            mail.error = str(refused)[:255]
    mail.save(update_fields=["sent_at", "error"])
    return mail.sent_at is not None


# A reason not to send, or the message.
Prepared = tuple[str, EmailMessage | None]


def _letter(outreach: Outreach) -> Prepared:
    learner, writer = outreach.alert.user, outreach.written_by
    if outreach.alert.state == Alert.State.CLOSED:
        return "The alert is closed by now.", None
    if not learner.email or not learner.is_active:
        return "The learner has no mail address.", None
    answers_to = [writer.email] if writer and writer.email else []
    return "", EmailMessage(
        outreach.subject, outreach.body, to=[learner.email], reply_to=answers_to
    )


def _digest(digest: Digest) -> Prepared:
    if not digest.user.email or not digest.user.is_active:
        return "They have no mail address.", None
    return "", EmailMessage(digest.subject, digest.body, to=[digest.user.email])
