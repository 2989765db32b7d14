"""What an account may do, asked once."""

from django.contrib.auth.backends import ModelBackend
from django.db import connection

_PERMISSIONS = """SELECT kind.app_label || '.' || permission.codename
FROM auth_permission AS permission
JOIN django_content_type AS kind ON kind.id = permission.content_type_id
WHERE permission.id IN (
    SELECT permission_id FROM progress_user_user_permissions WHERE user_id = %s
    UNION ALL
    SELECT granted.permission_id FROM progress_user_groups AS member
    JOIN auth_group_permissions AS granted ON granted.group_id = member.group_id
    WHERE member.user_id = %s
)
"""


class PermissionBackend(ModelBackend):
    """Reads own and groups' permissions by one statement, where Django's backend takes two.

    It comes before Django's, which finds what was read here, and can't sign anyone in.
    """

    def authenticate(self, request, username=None, password=None, **kwargs):
        return None

    def get_all_permissions(self, user_obj, obj=None):
        is_plain = user_obj.is_active and not user_obj.is_anonymous and obj is None
        if is_plain and not user_obj.is_superuser and not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(_PERMISSIONS, [user_obj.pk, user_obj.pk])
                user_obj._perm_cache = {name for (name,) in cursor.fetchall()}
        return super().get_all_permissions(user_obj, obj)
