"""Guests of the demo page: learners without a password, in a course of their own, for two hours."""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _

from progress.ingest import enrolling
from progress.ingest.deactivating import deactivate
from progress.models import Course, Enrollment, User
from progress.security.throttling import AddressThrottle

from .seeding import GUESTS, SIMULATED

PREFIX = "demo-guest-"
LASTS = timedelta(hours=2)


class GuestThrottle(AddressThrottle):
    """A classroom shares an address, and each in it may try the demo."""

    scope = "demo_guest"
    rate = "60/hour"


def is_guest(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and user.get_username().startswith(PREFIX)


def course_of(user: User | AnonymousUser) -> Course | None:
    """The simulated course that this person plays in; None if it hasn't been set up."""
    code = SIMULATED if user.is_authenticated and not is_guest(user) else GUESTS
    return Course.objects.active().filter(code=code).first()


@transaction.atomic
def create_guest(course: Course, *, now: datetime) -> User:
    """A new learner, enrolled in the course. They can't sign in again."""
    guest = User.objects.create_user(
        f"{PREFIX}{secrets.token_hex(8)}", full_name=_("Guest"), password=None, date_joined=now
    )
    enrolling.enroll(guest.pk, course.pk, now=now)
    return guest


def expire(now: datetime, *, limit: int = 500) -> int:
    """Closes the accounts of guests whose time is over; returns how many there were."""
    over = User.objects.filter(
        username__startswith=PREFIX, is_active=True, date_joined__lte=now - LASTS
    )
    ids = list(over.order_by("pk").values_list("pk", flat=True)[:limit])
    for enrollment in Enrollment.objects.active().filter(user_id__in=ids).order_by("pk"):
        enrolling.unenroll(enrollment, now=now)
    return deactivate(ids, now=now) if ids else 0
