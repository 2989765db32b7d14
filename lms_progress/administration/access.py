"""Groups and API keys in the admin: users can't gain more rights than they have."""

from django.contrib.auth.admin import GroupAdmin as LibraryGroupAdmin
from knox.admin import AuthTokenAdmin
from unfold.admin import ModelAdmin

from progress.admin.downloading import Downloadable
from progress.security import rights
from progress.security.rights import sees_everything


class GroupAdmin(Downloadable, LibraryGroupAdmin, ModelAdmin):
    """Only superusers edit groups: their permissions are those of all members."""

    downloads = ("name",)

    def has_add_permission(self, request):
        return rights.may_edit_permissions(request.user)

    def has_change_permission(self, request, obj=None):
        return rights.may_edit_permissions(request.user)

    def has_delete_permission(self, request, obj=None):
        return rights.may_edit_permissions(request.user)


class KeyAdmin(Downloadable, AuthTokenAdmin, ModelAdmin):
    """Keys of accounts that the user may see; edited only for accounts without more rights.

    A key acts as its account. Its account and digest can't be edited: that would turn a user's own
    key into another account's.
    """

    downloads = ("user__username", "created", "expiry")
    has_key_column = False

    def get_queryset(self, request):
        keys = super().get_queryset(request)
        if sees_everything(request.user):
            return keys
        return keys.filter(user__in=rights.visible_people(request.user))

    def get_fields(self, request, obj=None):
        return ["user", "expiry"] if obj is None else ["user", "created", "expiry"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else ["user", "created"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["queryset"] = rights.manageable_accounts(request.user).filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_act_as(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_act_as(request, obj)

    def _may_act_as(self, request, key) -> bool:
        return key is None or not rights.exceeds(key.user, request.user)
