"""Extra time for quizzes: set for the learners that a user sees."""

from django.contrib import admin
from django.utils import timezone

from progress.ingest import extra_time
from progress.models import Accommodation
from progress.security import rights
from progress.security.rights import sees_everything

from .scope import ScopedAdmin


@admin.register(Accommodation)
class AccommodationAdmin(ScopedAdmin):
    """An instructor sets it for the learners of their courses, and nobody for themselves."""

    downloads = ("user__username", "user__full_name", "user__department", "quiz_time_percent")
    list_display = ["user", "quiz_time_percent"]
    list_filter = ["quiz_time_percent"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__full_name"]
    autocomplete_fields = ["user"]
    fields = ["user", "quiz_time_percent"]

    def sees_all(self, user):
        return sees_everything(user) or rights.sees_all_people(user)

    def in_scope(self, rows, user):
        return rows.filter(user__in=rights.visible_people(user).order_by().values("pk"))

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.user_id == request.user.pk:
            return request.user.is_superuser
        return super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if count := extra_time.extend_open(obj.user_id, now=timezone.now()):
            self.message_user(request, f"Open attempts that now end later: {count}.")

    def get_readonly_fields(self, request, obj=None):
        return ["user"] if obj is not None else []

    def selectable(self, db_field, request):
        people = super().selectable(db_field, request)
        return people if request.user.is_superuser else people.exclude(pk=request.user.pk)
