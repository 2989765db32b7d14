"""Locks an account out for a while after too many wrong passwords."""

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from django.utils import timezone


class BoundedLockoutHandler(AxesDatabaseHandler):
    """A lockout ends after its time even when the clock was set back meanwhile."""

    def get_user_attempts(self, request, credentials=None):
        # An attempt further in the future than a lockout lasts was recorded by a wrong clock.
        bound = timezone.now() + get_cool_off(request)
        found = super().get_user_attempts(request, credentials)
        return [attempts.filter(attempt_time__lte=bound) for attempts in found]
