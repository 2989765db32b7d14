"""Written mail is sent: each once at most, also when two run at once or one is killed."""

import logging
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage

from analytics.mailing import INTERRUPTED
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


def _send_one(model, related: tuple, message: Callable, pk: int, now: datetime) -> bool:
    """At most once: that it is being sent is written down before it is. Raises what the mail
    server's failure is: then it is as if it hadn't been tried."""
    waiting = model.objects.filter(pk=pk, sent_at=None, error="")
    if not waiting.update(error=INTERRUPTED):
        return False
    own = model.objects.filter(pk=pk)
    try:
        error = _sent(own.select_related(*related).get(), message)
    except Exception:
        own.update(error="")
        raise
    own.update(sent_at=None if error else now, error=error)
    return not error


def _sent(mail, message: Callable) -> str:
    """Answers why it can't be sent, or nothing."""
    error, prepared = message(mail)
    if error:
        return error
    try:
        prepared.send()
    except SMTPRecipientsRefused as refused:
        logger.error("%s %s is refused", type(mail).__name__, mail.pk, exc_info=refused)
        return str(refused)[:255]
    return ""


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
