"""Refuses passwords where people sign in through a provider only."""

from django.conf import settings
from django.core.exceptions import PermissionDenied


class PasswordsOnlyInEmergencies:
    """Comes before the backends that check passwords; can't sign anyone in."""

    def authenticate(self, request, **credentials):
        if settings.SIGN_IN_ONLY_BY_PROVIDER and not getattr(request, "is_emergency", False):
            raise PermissionDenied
        return None
