"""Groups and API keys in the admin: users can't gain more rights than they have."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as LibraryGroupAdmin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.admin import AuthTokenAdmin, AuthTokenCreateForm
from knox.models import get_digest_token
from knox.settings import CONSTANTS
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from progress.admin.downloading import Downloadable
from progress.admin.list_filters import RefusesUnknownFilters
from progress.models.keys import KeyDetails, Scope
from progress.operations import tracker_modules
from progress.security import keys, rights
from progress.security.rights import sees_everything


class GroupAdmin(RefusesUnknownFilters, Downloadable, LibraryGroupAdmin, ModelAdmin):
    """Only superusers edit groups: their permissions are those of all members."""

    downloads = ("name",)

    def has_add_permission(self, request):
        return rights.may_edit_permissions(request.user)

    def has_change_permission(self, request, obj=None):
        return rights.may_edit_permissions(request.user)

    def has_delete_permission(self, request, obj=None):
        return rights.may_edit_permissions(request.user)


class KeyForm(AuthTokenCreateForm):
    """A new key, which is shown once, after it was saved."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What the key is used for."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=Scope.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Without any, the key may do all that its account may do."),
    )

    is_test = forms.BooleanField(
        label=gettext_lazy("Test key"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=gettext_lazy(
            "For trying things out: it reaches test learners and test courses only, and what it"
            " creates is marked as test."
        ),
    )

    class Meta(AuthTokenCreateForm.Meta):
        labels = {"user": gettext_lazy("Account"), "expiry": gettext_lazy("Expires")}

    def save(self, commit=True):
        """With a prefix of its own for a test key."""
        key = super().save(commit=False)
        if self.is_of_tests:
            key.digest, self.token = get_digest_token(keys.TEST_PREFIX)
            key.token_key = self.token[: CONSTANTS.TOKEN_KEY_LENGTH]
        if commit:
            key.save()
        return key

    @property
    def is_of_tests(self) -> bool:
        return self.cleaned_data["is_test"] or self.cleaned_data["user"].is_test


class KeyAdmin(RefusesUnknownFilters, Downloadable, AuthTokenAdmin, ModelAdmin):
    """Keys of accounts that the user may see; edited only for accounts without more rights.

    A key acts as its account. Its account and digest can't be edited: that would turn a user's own
    key into another account's.
    """

    downloads = ("user__username", "created", "expiry")
    add_form = KeyForm
    list_display = (
        "key_start",
        "name",
        "user",
        "scopes",
        "is_test",
        "created",
        "expiry",
        "last_used",
    )
    list_select_related = ("user", "details")
    has_key_column = False

    # A button above the list.
    actions_list = ("tracker_lines",)

    @action(description=gettext_lazy("Lines for other sites"), url_path="tracker-lines")
    def tracker_lines(self, request):
        """The lines by which pages of other sites load the tracker from this one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        base_url = settings.PUBLIC_URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"
        context = admin.site.each_context(request) | {
            "title": _("Lines for other sites"),
            "lines": tracker_modules.html_lines(base_url),
            "origins": settings.CORS_ALLOWED_ORIGINS,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/tracker_lines.html", context)

    def get_queryset(self, request):
        found = super().get_queryset(request)
        if sees_everything(request.user):
            return found
        return found.filter(user__in=rights.people_in_reach(request.user))

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["user", "name", "scopes", "is_test", "expiry"]
        return ["key_start", "name", "user", "scopes", "is_test", "created", "expiry", "last_used"]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        return ["key_start", "name", "user", "scopes", "is_test", "created", "last_used"]

    def save_model(self, request, obj, form, change):
        # Not the library's, which adds an English message with the key.
        super(AuthTokenAdmin, self).save_model(request, obj, form, change)
        if not change:
            KeyDetails.objects.create(
                token=obj,
                name=form.cleaned_data["name"],
                scopes=sorted(form.cleaned_data["scopes"]),
                is_test=form.is_of_tests,
            )
            message = _("Copy the key now, as it can't be shown again: %(key)s")
            self.message_user(request, message % {"key": form.token})

    @admin.display(description=gettext_lazy("begins with"))
    def key_start(self, key):
        return key.token_key

    @admin.display(description=gettext_lazy("name"))
    def name(self, key):
        return keys.details_of(key).name

    @admin.display(description=gettext_lazy("scopes"))
    def scopes(self, key):
        return ", ".join(keys.details_of(key).scopes) or _("all that the account may do")

    @admin.display(description=gettext_lazy("test key"), boolean=True)
    def is_test(self, key):
        return keys.details_of(key).is_test

    @admin.display(description=gettext_lazy("last used"))
    def last_used(self, key):
        return keys.details_of(key).last_used_at

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["queryset"] = rights.manageable_accounts(request.user).filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_act_as(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_act_as(request, obj)

    def _may_act_as(self, request, key) -> bool:
        return key is None or not rights.exceeds(key.user, request.user)
