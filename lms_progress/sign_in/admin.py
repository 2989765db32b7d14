"""Which account belongs to which person at a provider. Superusers only: a link opens an account."""

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from progress.admin.downloading import Downloadable
from progress.admin.list_filters import RefusesUnknownFilters
from progress.validation.usernames import normalized

from .admission import EXPECTED

# allauth's own pages: what they show comes from the environment here, or isn't used.
for _model in (SocialAccount, SocialApp, SocialToken, EmailAddress):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class LinkForm(forms.ModelForm):
    provider = forms.ChoiceField(label="Provider", widget=UnfoldAdminSelectWidget)
    email = forms.CharField(
        label="Verified address there",
        max_length=191,
        validators=[validate_email],
        widget=UnfoldAdminTextInputWidget,
        help_text=(
            "Whoever next signs in at the provider with this verified address gets the account, "
            "once. From then on it is theirs, whatever their address."
        ),
    )

    class Meta:
        model = SocialAccount
        fields = ["user", "provider"]
        labels = {"user": "Account"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [
            (EXPECTED + each.id, each.label) for each in settings.SIGN_IN_PROVIDERS.values()
        ]

    def clean(self):
        cleaned = super().clean()
        self.instance.uid = normalized(cleaned.get("email", ""))
        user, provider = cleaned.get("user"), cleaned.get("provider", "")
        linked = SocialAccount.objects.filter(
            user=user, provider__in=[provider, provider.removeprefix(EXPECTED)]
        )
        if user and linked.exists():
            raise ValidationError({"user": "This account is linked to this provider already."})
        if SocialAccount.objects.filter(provider=provider, uid=self.instance.uid).exists():
            raise ValidationError({"email": "This address is linked to another account already."})
        return cleaned


@admin.register(SocialAccount)
class LinkAdmin(RefusesUnknownFilters, Downloadable, ModelAdmin):
    """A link is added or removed, never changed: it would become another person's."""

    form = LinkForm
    downloads = ("user__username", "provider", "uid", "date_joined", "last_login")
    list_display = ["user", "provider_label", "subject", "date_joined", "last_login"]
    list_select_related = ["user"]
    list_filter = ["provider"]
    search_fields = ["user__username", "user__full_name", "user__email", "=uid"]
    autocomplete_fields = ["user"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["user", "provider", "email"]
        return ["user", "provider_label", "subject", "date_joined", "last_login"]

    @admin.display(description="provider", ordering="provider")
    def provider_label(self, link) -> str:
        provider_id = link.provider.removeprefix(EXPECTED)
        provider = settings.SIGN_IN_PROVIDERS.get(provider_id)
        return provider.label if provider else provider_id

    @admin.display(description="person there")
    def subject(self, link) -> str:
        is_expected = link.provider.startswith(EXPECTED)
        return f"expected: {link.uid}" if is_expected else link.uid

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return request.user.is_superuser and bool(settings.SIGN_IN_PROVIDERS)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser
