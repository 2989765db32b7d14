"""Who may ask for lists about learners at all; which rows they get is decided by the rows'
managers."""

from rest_framework.permissions import BasePermission

from progress.models import has_team


class LooksAtLearners(BasePermission):
    """Allows people who teach a course or manage someone, or have the view's permission
    `sees_all_with` to see everyone.

    Anyone else would get an empty list, as if there were nothing.
    """

    def has_permission(self, request, view) -> bool:
        user = request.user
        sees_all = user.sees_all(view.sees_all_with)
        return sees_all or user.courses_taught.exists() or has_team(user)
