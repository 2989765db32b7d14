"""Who may ask for lists about learners at all; which rows they get is decided by the rows'
managers."""

from rest_framework.permissions import BasePermission


class LooksAtLearners(BasePermission):
    """Allows people who teach a course, or have the view's permission `sees_all_with` to see
    everyone.

    Anyone else would get an empty list, as if there were nothing.
    """

    def has_permission(self, request, view) -> bool:
        user = request.user
        return user.sees_all(view.sees_all_with) or user.courses_taught.exists()
