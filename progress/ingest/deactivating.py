"""Closing an account: its keys, sign-ins, learning sessions and streams end at once."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F
from knox.models import AuthToken

from progress.live.pushing import end_streams
from progress.models import LearningSession, SignIn, User
from progress.operations.locking import retried

from . import closing


@retried
def deactivate(user_ids: Collection[int], *, now: datetime) -> int:
    """Deactivates accounts; returns how many were active.

    Their keys are deleted: a key that comes back to life by itself would surprise. Progress,
    enrolments and certificates stay as they are.
    """
    people = User.objects.filter(pk__in=user_ids)
    changed = people.filter(is_active=True).update(is_active=False)
    end_access(user_ids, now=now)
    return changed


def reactivate(user_ids: Collection[int]) -> int:
    """Lets people sign in and learn again; returns how many weren't active."""
    return User.objects.filter(pk__in=user_ids, is_active=False).update(is_active=True)


@retried
def end_access(user_ids: Collection[int], *, now: datetime) -> None:
    """Ends what accounts that are inactive have open; for writers that deactivate by themselves."""
    ids = sorted(user_ids)
    User.objects.filter(pk__in=ids).update(session_generation=F("session_generation") + 1)
    AuthToken.objects.filter(user_id__in=ids).delete()
    SignIn.objects.filter(user_id__in=ids).delete()
    _end_open(ids, now)


@retried
def end_open(user_ids: Collection[int], *, now: datetime) -> None:
    """Ends what people who were signed out somewhere may have open there.

    Which browser opened what isn't known, so everything ends: learning sessions, after which their
    tokens earn nothing, and streams, whose addresses lead nowhere from now on. A page of a browser
    that is still signed in gets new ones by itself.
    """
    ids = sorted(user_ids)
    User.objects.filter(pk__in=ids).update(streams_from=now)
    _end_open(ids, now)


def _end_open(ids: list[int], now: datetime) -> None:
    open_sessions = LearningSession.objects.open().filter(user_id__in=ids)
    enrollments = set(open_sessions.values_list("enrollment_id", flat=True))
    for enrollment_id in sorted(enrollments):
        closing.close_all(enrollment_id, now)
    transaction.on_commit(lambda: end_streams(ids))
