"""Django's model permissions for writing; what may be read is decided by the queryset."""

from rest_framework.permissions import DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading is open to anyone signed in, who then sees their own rows only."""


class EditorPermissions(ModelPermissions):
    """What staff edit in the admin: reading, too, asks for the permission to view it."""

    perms_map = ModelPermissions.perms_map | {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }
