"""Events, and the log of what was sent, with bodies and answers."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import TabularInline

from connections.models import Attempt, Delivery, Endpoint, Event
from connections.tasks import send_webhooks
from connections.webhooks import endpoints
from progress.admin.scope import ReadOnlyAdmin
from progress.operations import broker


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened, about learners that the user may see; pings are seen in the log."""

    downloads = ("type", "user_id", "course_id", "enrollment_id", "subject", "recorded_at")
    list_display = ["public_id", "type", "user_id", "course_id", "recorded_at"]
    list_filter = ["type"]
    search_fields = ["type", "=user_id", "=course_id", "=subject"]
    ordering = ["-pk"]

    def sees_all(self, user) -> bool:
        return False

    def in_scope(self, rows, user):
        return rows.visible_to(user)


class AttemptInline(TabularInline):
    model = Attempt
    extra = 0
    can_delete = False
    fields = readonly_fields = ["number", "started_at", "duration_ms", "status", "answer", "error"]
    verbose_name_plural = gettext_lazy("tries")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("connections.view_delivery")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Each delivery with its body and every try; those of the user's own endpoints."""

    downloads = (
        "endpoint_id",
        "event__uid",
        "event__type",
        "state",
        "attempts",
        "created_at",
        "next_at",
        "settled_at",
        "last_status",
        "last_error",
    )
    list_display = [
        "event",
        "type",
        "endpoint_id",
        "state",
        "attempts",
        "last_status",
        "last_error",
        "next_at",
        "settled_at",
    ]
    list_select_related = ["event"]
    list_filter = ["state"]
    search_fields = ["=endpoint__id", "=event__type", "=user_id"]
    ordering = ["-pk"]
    actions = ["send_again"]
    inlines = [AttemptInline]

    def sees_all(self, user) -> bool:
        return user.is_superuser

    def in_scope(self, rows, user):
        return rows.filter(endpoint__in=Endpoint.objects.visible_to(user))

    @admin.display(description=gettext_lazy("type"), ordering="event__type")
    def type(self, delivery):
        return delivery.event.type

    def has_send_permission(self, request):
        return request.user.has_perm("connections.change_endpoint")

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_again(self, request, queryset):
        enabled = queryset.filter(endpoint__disabled_at=None)
        ids = list(enabled.order_by().values_list("pk", flat=True))
        count = endpoints.send_again(Delivery.objects.filter(pk__in=ids), timezone.now())
        broker.enqueue(send_webhooks)
        text = ngettext("%(count)s is sent again.", "%(count)s are sent again.", count)
        self.message_user(request, text % {"count": count})
