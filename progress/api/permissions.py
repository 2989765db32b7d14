"""Django's model permissions for writing; what may be read is decided by the queryset."""

from rest_framework.permissions import BasePermission, DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading is open to anyone signed in, who then sees their own rows only."""


class MayHaveRows(BasePermission):
    """A list is for whoever can have rows in it: by one of the view's `list_permissions`, as a
    learner, or as an instructor.

    Anybody else is told so (403): an empty list would say that there is nothing.
    """

    def has_permission(self, request, view):
        user = request.user
        if view.action != "list" or any(map(user.has_perm, view.list_permissions)):
            return True
        return user.enrollments.exists() or user.courses_taught.exists()


class EditorPermissions(ModelPermissions):
    """What staff edit in the admin: reading, too, asks for the permission to view it."""

    perms_map = ModelPermissions.perms_map | {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }
