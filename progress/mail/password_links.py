"""Links to set a password, and the mail that brings one to people who have forgotten theirs."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from progress.models import User
from progress.validation.usernames import normalized, normalized_address

from . import outgoing

KIND = "password_reset"
# However often it is asked for: one mail for an account in this time.
ONE_MAIL_IN = timedelta(minutes=2)
MAX_ACCOUNTS = 10  # that share an address


def can_be_mailed() -> bool:
    """Whether mails can contain links: that needs the site's own address."""
    return bool(settings.PUBLIC_URL)


def link(person: User) -> str:
    """Returns a new link to set the person's password, relative to the site; it works once."""
    number = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return reverse("set-password", args=[number, token])


def request_reset(name: str, language: str, now: datetime) -> None:
    """Queues a mail with a link for each active account of this user name or email address.

    Whether there is any is neither returned nor raised, so that nobody can find out who has an
    account here.
    """
    window = int(now.timestamp() // ONE_MAIL_IN.total_seconds())
    people = (
        User.objects.filter(
            Q(username_key=normalized(name)) | Q(email__iexact=normalized_address(name))
        )
        .filter(is_active=True)
        .exclude(email="")
        .order_by("pk")[:MAX_ACCOUNTS]
    )
    mails = [
        (f"{person.pk} {window}", {"user_id": person.pk, "language": language}) for person in people
    ]
    if mails:
        outgoing.queue(KIND, mails, now)
        outgoing.send_soon()


def compose(payload: dict, now: datetime) -> EmailMessage | str:
    """The mail with the link, or why it isn't sent any more."""
    person = User.objects.filter(pk=payload["user_id"], is_active=True).first()
    if person is None:
        return "The account is gone, or no longer active."
    if not person.email:
        return "The account has no email address any more."
    with translation.override(person.language or payload["language"]):
        context = {
            "person": person,
            "url": settings.PUBLIC_URL + link(person),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        }
        text = render_to_string("registration/password_reset.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.lstrip("\n"), to=[person.email])


outgoing.register(KIND, outgoing.Kind(compose))
