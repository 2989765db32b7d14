"""What keeps the system running: messages on their way out, read-only."""

from django.contrib import admin

from progress.models import OutboxMessage

from .scope import ReadOnlyAdmin


class SentFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("waiting", "Not sent yet"), ("sent", "Sent")]

    def queryset(self, request, queryset):
        if self.value() in {"waiting", "sent"}:
            return queryset.filter(sent_at__isnull=self.value() == "waiting")
        return queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    list_display = ["kind", "key", "created_at", "sent_at", "attempts"]
    list_filter = [SentFilter]
    search_fields = ["=key"]
    search_help_text = "The whole key, such as an enrolment's id."
    ordering = ["-pk"]
