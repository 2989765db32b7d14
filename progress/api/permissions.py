"""Django's model permissions for writing; what may be read is decided by the queryset."""

from rest_framework.permissions import DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading is open to anyone signed in, who then sees their own rows only."""
