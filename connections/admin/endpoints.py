"""Webhook endpoints in the admin: staff manage their own, superusers all."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from connections import event_types
from connections.models import Endpoint
from connections.tasks import send_webhooks
from connections.webhooks import addresses, endpoints
from progress.admin.scope import ScopedAdmin
from progress.operations import broker


class EndpointForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(event_types.ALL, gettext_lazy("All, also those to come"))]
        + [(name, name) for name in event_types.TYPES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Endpoint
        fields = ["url", "description", "events", "payload", "is_test"]

    def clean_url(self):
        url = self.cleaned_data["url"]
        addresses.check_url(url)
        return url

    def clean(self):
        user, limit = self.user, endpoints.max_endpoints()
        is_full = user.webhook_endpoints.count() >= limit
        if self.instance.pk is None and is_full:
            raise ValidationError(_("You have %(limit)s endpoints already.") % {"limit": limit})
        return super().clean()


@admin.register(Endpoint)
class EndpointAdmin(ScopedAdmin):
    form = EndpointForm
    downloads = (
        "url",
        "description",
        "events",
        "payload",
        "owner__username",
        "created_at",
        "disabled_at",
        "disabled_reason",
        "last_success_at",
        "failing_since",
    )
    list_display = [
        "url",
        "owner",
        "payload",
        "is_test",
        "state",
        "last_success_at",
        "failing_since",
    ]
    list_select_related = ["owner"]
    list_filter = ["payload", "is_test"]
    search_fields = ["url", "description"]
    actions = ["send_test", "enable", "disable", "rotate"]
    fields = ["url", "description", "events", "payload", "is_test"]

    def get_queryset(self, request):
        return super(ScopedAdmin, self).get_queryset(request).visible_to(request.user)

    def get_fields(self, request, obj=None):
        shown = ["owner", "state", "disabled_reason", "last_success_at", "failing_since"]
        return [*self.fields, *shown] if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        shown = ["owner", "state", "disabled_reason", "last_success_at", "failing_since"]
        return [*shown, "is_test"] if obj else shown

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.user = request.user
        return form

    def has_delete_permission(self, request, obj=None):
        return super(ScopedAdmin, self).has_delete_permission(request, obj)

    @admin.display(description=gettext_lazy("state"))
    def state(self, endpoint):
        if not endpoint.is_enabled:
            return _("Disabled")
        return _("Failing") if endpoint.failing_since else _("Enabled")

    def save_model(self, request, obj, form, change):
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if change:
            endpoints.change(obj, values)
            return
        made, secret = endpoints.create(request.user, values, timezone.now())
        obj.pk = made.pk
        obj.refresh_from_db()
        self._show_secret(request, secret)

    def delete_model(self, request, obj):
        endpoints.delete(obj)

    def _show_secret(self, request, secret: str) -> None:
        text = _("The secret, which is shown only now: %(secret)s") % {"secret": secret}
        self.message_user(request, text, messages.WARNING)

    @admin.action(description=gettext_lazy("Send a test event"), permissions=["change"])
    def send_test(self, request, queryset):
        rows = list(queryset.enabled())
        for endpoint in rows:
            endpoints.ping(endpoint, timezone.now())
        broker.enqueue(send_webhooks)
        self._note(request, len(rows))

    @admin.action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request, queryset):
        rows = list(queryset)
        for endpoint in rows:
            endpoints.enable(endpoint.pk)
        self._note(request, len(rows))

    @admin.action(description=gettext_lazy("Disable"), permissions=["change"])
    def disable(self, request, queryset):
        rows = list(queryset)
        for endpoint in rows:
            endpoints.disable(endpoint.pk, "", timezone.now())
        self._note(request, len(rows))

    @admin.action(description=gettext_lazy("Make a new secret"), permissions=["change"])
    def rotate(self, request, queryset):
        if queryset.count() != 1:
            self.message_user(request, _("Choose one endpoint."), messages.ERROR)
            return
        _endpoint, secret = endpoints.rotate(queryset.get().pk, timezone.now())
        self._show_secret(request, secret)

    def _note(self, request, count: int) -> None:
        text = ngettext("Done for %(count)s endpoint.", "Done for %(count)s endpoints.", count)
        self.message_user(request, text % {"count": count})
