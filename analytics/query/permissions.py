"""Who may ask for lists about learners at all; which rows they get, the rows' own managers say."""

from rest_framework.permissions import BasePermission


class LooksAtLearners(BasePermission):
    """Whoever teaches a course, or may see everybody by the permission `sees_all_with` of the view.

    Anybody else would get an empty list, as if there was nothing.
    """

    def has_permission(self, request, view) -> bool:
        user = request.user
        return user.sees_all(view.sees_all_with) or user.courses_taught.exists()
