"""The browsers in which people are signed in: noted as they are used, and signed out one by one.

A browser is signed out by deleting its session, so that its next request is a stranger's. What it
may have open beside it (streams, learning sessions) is ended by whoever calls this.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from threading import Lock

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from progress.models import SignIn, User
from progress.rules.devices import device_of

NOTED_SECONDS = 300  # a browser's use is written down once in this time by each process
_MAX_REMEMBERED = 20_000
_noted: OrderedDict[str, float] = OrderedDict()
_lock = Lock()


@receiver(user_logged_in, dispatch_uid="note_sign_in")
def note_new(request: HttpRequest | None, user: User, **_) -> None:
    if hasattr(request, "session"):  # who signs in without one has no browser to be listed
        note(request, user, timezone.now())


def note(request: HttpRequest, user: User, now: datetime) -> None:
    """Notes that this browser, in which `user` is signed in, was used; one statement at most."""
    key = request.session.session_key
    if key is None or not _is_due(key):
        return
    device = device_of(request.headers.get("User-Agent", ""))
    row = SignIn(
        user_id=user.pk,
        session_key=key,
        browser=device.browser,
        system=device.system,
        signed_in_at=now,
        seen_at=now,
    )
    SignIn.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["session_key"],
        update_fields=["user", "browser", "system", "seen_at"],
    )


def _is_due(key: str) -> bool:
    at = time.monotonic()
    with _lock:
        if at - _noted.get(key, -NOTED_SECONDS) < NOTED_SECONDS:
            return False
        _noted[key] = at
        _noted.move_to_end(key)
        while len(_noted) > _MAX_REMEMBERED:
            _noted.popitem(last=False)
    return True


def of(user: User, now: datetime) -> list[SignIn]:
    """Where the person is signed in at this moment, the last used first."""
    rows = list(SignIn.objects.filter(user=user))
    sessions = Session.objects.filter(
        session_key__in=[row.session_key for row in rows], expire_date__gt=now
    )
    valid = {each.session_key for each in sessions if _is_of(user, each)}
    return [row for row in rows if row.session_key in valid]


def _is_of(user: User, session: Session) -> bool:
    """Whether the session signs the person in, by the password and the generation of now."""
    stored = session.get_decoded()
    is_same = str(stored.get(SESSION_KEY)) == str(user.pk)
    signed = str(stored.get(HASH_SESSION_KEY, ""))
    return is_same and constant_time_compare(signed, user.get_session_auth_hash())


@transaction.atomic
def end(user: User, sign_in_id: int) -> bool:
    """Signs one browser of the person out; returns whether there was one of this id."""
    row = SignIn.objects.filter(pk=sign_in_id, user=user).first()
    if row is None:
        return False
    _forget([row.session_key])
    return True


@transaction.atomic
def forget_others(user: User, session_key: str | None) -> None:
    """After everything but this session was signed out."""
    others = SignIn.objects.filter(user=user).exclude(session_key=session_key or "")
    _forget(list(others.values_list("session_key", flat=True)))


def _forget(session_keys: Iterable[str]) -> None:
    keys = list(session_keys)
    Session.objects.filter(session_key__in=keys).delete()
    SignIn.objects.filter(session_key__in=keys).delete()
    with _lock:
        for key in keys:
            _noted.pop(key, None)
