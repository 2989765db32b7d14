"""Queues and sends letters and digests, each at most once."""

from collections.abc import Callable
from datetime import datetime

from django.core.mail import EmailMessage

from analytics.models import Alert, Digest, Outreach
from progress.jobs import Run
from progress.mail import outgoing

MAX_PER_RUN = 2000  # mails; the next run goes on


def send(run: Run, *, limit: int = MAX_PER_RUN) -> None:
    """Queues what isn't sent yet, and sends it.

    Raises the mail server's error if nothing could be sent; it is tried again later.
    """
    for kind, model in (("outreach", Outreach), ("digest", Digest)):
        waiting = model.objects.filter(sent_at=None, error="").order_by("pk")
        queued = outgoing.unsent_keys(kind)
        ids = [pk for pk in waiting.values_list("pk", flat=True) if str(pk) not in queued]
        outgoing.queue(kind, [(str(pk), {"id": pk}) for pk in ids[:limit]], run.now)
    run.rows += outgoing.send_due(run.now)


def _letter(outreach: Outreach) -> EmailMessage | str:
    learner, writer = outreach.alert.user, outreach.written_by
    if outreach.alert.state == Alert.State.CLOSED:
        return "The alert has been closed in the meantime."
    if not learner.email or not learner.is_active:
        return "The learner has no email address."
    answers_to = [writer.email] if writer and writer.email else []
    return EmailMessage(outreach.subject, outreach.body, to=[learner.email], reply_to=answers_to)


def _digest(digest: Digest) -> EmailMessage | str:
    if not digest.user.email or not digest.user.is_active:
        return "They have no email address."
    return EmailMessage(digest.subject, digest.body, to=[digest.user.email])


def _kind(model, related: tuple[str, ...], message: Callable) -> outgoing.Kind:
    def compose(payload: dict, now: datetime) -> EmailMessage | str:
        row = model.objects.select_related(*related).filter(pk=payload["id"]).first()
        return message(row) if row else "It is gone."

    def note(payload: dict, sent_at: datetime | None, error: str) -> None:
        model.objects.filter(pk=payload["id"]).update(sent_at=sent_at, error=error)

    return outgoing.Kind(compose, note)


KINDS = {
    "outreach": _kind(Outreach, ("alert__user", "written_by"), _letter),
    "digest": _kind(Digest, ("user",), _digest),
}
