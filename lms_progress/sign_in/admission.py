"""Which account someone gets who has signed in at a provider: the one that is linked, one that
matches, a new one, or none.

A link is allauth's `SocialAccount`: a provider, its subject, an account. It is written here and, by
superusers, in the admin. Reasons: docs/decisions/0052-the-organisations-own-sign-in.md.
"""

import logging
from enum import StrEnum

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from progress.api.learner_serializer import LearnerSerializer
from progress.models import User
from progress.security import rights
from progress.validation.languages import closest
from progress.validation.usernames import normalized

from .identity import Identity
from .providers import EMAIL, Provider

logger = logging.getLogger(__name__)
# Of a link that a superuser made before the provider's subject was known: its `uid` is an address.
EXPECTED = "expected:"
# No user acts: what a provider says is checked like what an integrator sends.
NO_CALLER = {"by": None}


class Reason(StrEnum):
    NO_ACCOUNT = "no_account"
    DEACTIVATED = "deactivated"
    # An administrator has to link the account first, because …
    HAS_RIGHTS = "has_rights"
    SEVERAL = "several"
    LINKED_OTHERWISE = "linked_otherwise"
    NAME_TAKEN = "name_taken"


class Refused(Exception):
    def __init__(self, reason: Reason):
        super().__init__(reason)
        self.reason = reason


def admit(provider: Provider, identity: Identity) -> User:
    """The active account of this person, up to date where the provider may update it.

    Raises Refused.
    """
    user = _linked(provider, identity) or _link(provider, identity)
    if not user.is_active:
        raise Refused(Reason.DEACTIVATED)
    if provider.updates_accounts:
        _update(user, identity)
    return user


def _linked(provider: Provider, identity: Identity) -> User | None:
    link = (
        SocialAccount.objects.filter(provider=provider.id, uid=identity.subject)
        .select_related("user")
        .first()
    )
    if link is None:
        return None
    SocialAccount.objects.filter(pk=link.pk).update(last_login=timezone.now())
    return link.user


def _link(provider: Provider, identity: Identity) -> User:
    try:
        with transaction.atomic():
            user = (
                _expected(provider, identity)
                or _matching(provider, identity)
                or _created(provider, identity)
            )
            if SocialAccount.objects.filter(provider=provider.id, user=user).exists():
                # The address may have been given to someone else since.
                raise Refused(Reason.LINKED_OTHERWISE)
            SocialAccount.objects.create(provider=provider.id, uid=identity.subject, user=user)
    except IntegrityError:
        # Two tabs came at once: the other one has made the link.
        user = _linked(provider, identity)
        if user is None:
            raise
        return user
    logger.info("account %s is linked to the provider %s", user.pk, provider.id)
    return user


def _expected(provider: Provider, identity: Identity) -> User | None:
    """The account that a superuser has linked to this verified address, which is used up."""
    if not identity.email:
        return None
    link = (
        SocialAccount.objects.select_for_update(of=("self",))
        .filter(provider=EXPECTED + provider.id, uid=normalized(identity.email))
        .select_related("user")
        .first()
    )
    if link is None:
        return None
    link.delete()
    return link.user


def _matching(provider: Provider, identity: Identity) -> User | None:
    for way in provider.match:
        found = _by_email(identity) if way == EMAIL else _by_external_id(identity)
        if len(found) > 1:
            raise Refused(Reason.SEVERAL)
        if found:
            # An administrator's account is worth more than the care with which addresses are given.
            if rights.has_rights(found[0]):
                raise Refused(Reason.HAS_RIGHTS)
            if not found[0].is_active:
                raise Refused(Reason.DEACTIVATED)
            return found[0]
    return None


def _by_email(identity: Identity) -> list[User]:
    if not identity.email:
        return []
    # However it is spelt: of two accounts neither is certain.
    return list(User.objects.filter(email__iexact=identity.email)[:2])


def _by_external_id(identity: Identity) -> list[User]:
    if not identity.external_id:
        return []
    return list(User.objects.filter(external_id=identity.external_id))


def _created(provider: Provider, identity: Identity) -> User:
    if not provider.creates_accounts:
        raise Refused(Reason.NO_ACCOUNT)
    values = _values(identity)
    values["username"] = identity.username or identity.email or identity.subject
    if identity.external_id:
        values["external_id"] = identity.external_id
    serializer = LearnerSerializer(data=values, context=NO_CALLER)
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as invalid:
        logger.info("provider %s: no account is made: %s", provider.id, sorted(invalid.detail))
        raise Refused(Reason.NAME_TAKEN) from None
    user = serializer.save()
    logger.info("account %s is made for a person of provider %s", user.pk, provider.id)
    return user


def _update(user: User, identity: Identity) -> None:
    """Takes over what the provider knows better. Who has rights keeps what an administrator set."""
    if rights.has_rights(user):
        return
    values = {name: text for name, text in _values(identity).items() if getattr(user, name) != text}
    if user.language:
        values.pop("language", None)  # the person's own choice
    others = User.objects.filter(email__iexact=values.get("email", "")).exclude(pk=user.pk)
    if "email" in values and others.exists():
        del values["email"]  # people sign in with their address: it stays one person's
    serializer = LearnerSerializer(user, data=values, partial=True, context=NO_CALLER)
    if not serializer.is_valid():
        logger.info("account %s: not updated: %s", user.pk, sorted(serializer.errors))
        values = {name: text for name, text in values.items() if name not in serializer.errors}
        serializer = LearnerSerializer(user, data=values, partial=True, context=NO_CALLER)
        serializer.is_valid(raise_exception=True)
    if values:
        serializer.save()


def _values(identity: Identity) -> dict[str, str]:
    """What is there, by the account's field."""
    values = {
        "full_name": identity.name,
        "email": identity.email,
        "department": identity.department,
        "language": closest(identity.language),
    }
    return {name: text for name, text in values.items() if text}
