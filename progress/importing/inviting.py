"""Invitations: mails a link to set a password to people who have none."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.utils import timezone, translation

from progress.mail import outgoing, password_links
from progress.models import OutboxMessage, User
from progress.operations import outbox
from progress.signals import person_invited

can_invite = password_links.can_be_mailed


def invite(people: Sequence[User], now: datetime) -> int:
    """Invite the active people who have an e-mail address but no password. Returns how many.

    Their mail leaves soon after the commit. Calling it again later invites them again.
    """
    messages = OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                kind="person_invited",
                key=f"{person.pk} {now.isoformat()}",
                payload={"user_id": person.pk},
                created_at=now,
            )
            for person in people
            if person.email and person.is_active and not person.has_usable_password()
        ],
        batch_size=1000,
    )
    ids = [message.pk for message in messages]
    if ids:
        transaction.on_commit(partial(outbox.send_soon, ids), robust=True)
    return len(ids)


@receiver(person_invited, dispatch_uid="mail_invitation")
def mail_invitation(*, user_id: int, **_) -> None:
    """Queues the mail in the transaction that marks the message sent; it leaves afterwards."""
    now = timezone.now()
    outgoing.queue("invitation", [(f"{user_id} {now.isoformat()}", {"user_id": user_id})], now)
    outgoing.send_soon()


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    """The invitation, or why it isn't sent: a password was set, or the account deactivated."""
    person = User.objects.filter(pk=payload["user_id"]).first()
    if person is None or not person.is_active:
        return "The account is gone, or no longer active."
    if person.has_usable_password():
        return "They have set a password in the meantime."
    return invitation(person)


outgoing.register("invitation", outgoing.Kind(compose))


def invitation(person: User) -> EmailMessage:
    context = {
        "person": person,
        "url": settings.PUBLIC_URL + password_links.link(person),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
    }
    with translation.override(person.mail_language):
        text = render_to_string("registration/invitation.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[person.email])
