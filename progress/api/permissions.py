"""Django's model permissions for writing; what may be read is decided by the queryset."""

from rest_framework.permissions import BasePermission, DjangoModelPermissions

from progress.models import has_team


class ModelPermissions(DjangoModelPermissions):
    """Reading is open to all who are signed in; the queryset holds only what they may see."""


class MayHaveRows(BasePermission):
    """A list is open to those who can have rows in it: who see everybody's with one of the view's
    `list_permissions`, may add some (`edit_permissions`), or are a learner, an instructor or a
    manager.

    Others get 403: an empty list would say that there are no rows.
    """

    def has_permission(self, request, view):
        user = request.user
        if view.action != "list" or any(map(user.sees_all, view.list_permissions)):
            return True
        if any(map(user.has_perm, getattr(view, "edit_permissions", ()))):
            return True
        return user.enrollments.exists() or user.courses_taught.exists() or has_team(user)


class EditorPermissions(ModelPermissions):
    """For rows that staff edit in the admin: reading needs the view permission, too."""

    perms_map = ModelPermissions.perms_map | {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }
