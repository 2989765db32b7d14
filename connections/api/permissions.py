from rest_framework.permissions import BasePermission

from connections import event_types
from progress.api.permissions import EditorPermissions


class EndpointPermissions(EditorPermissions):
    """Model permissions for endpoints; what is done with one that exists is changing it."""

    def has_permission(self, request, view):
        if request.method == "POST" and view.action != "create":
            return request.user.has_perm("connections.change_endpoint")
        return super().has_permission(request, view)


class MayFollowLearners(BasePermission):
    """For those who can see events of any kind: by permission, or because they teach."""

    def has_permission(self, request, view):
        user = request.user
        if any(map(user.has_perm, event_types.by_permission())):
            return True
        return user.courses_taught.exists()
