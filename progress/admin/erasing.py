"""Erasing chosen test learners and test courses, and the record of what was erased."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from progress.ingest import erasing
from progress.models import Erasure
from progress.security.rights import sees_everything

from .operation import OperationAdmin


@admin.register(Erasure)
class ErasureAdmin(OperationAdmin):
    """When test data was erased, who asked for it, and how much it was."""

    downloads = (
        "requested_at",
        "requested_by__username",
        "learners",
        "courses",
        "rows",
        "finished_at",
    )
    list_display = ["requested_at", "requested_by", "learners", "courses", "rows", "finished_at"]
    list_select_related = ["requested_by"]
    ordering = ["-pk"]


class ErasesTests:
    """A mixin for lists whose test rows can be erased; `erased` names them to `request_some`."""

    erased: str

    def has_erase_permission(self, request):
        return request.user.has_perm("progress.add_erasure") and sees_everything(request.user)

    @admin.action(
        description=gettext_lazy("Erase for good (test data only)"), permissions=["erase"]
    )
    def erase_tests(self, request, queryset):
        chosen = list(queryset.filter(is_test=True).values_list("pk", flat=True))
        if len(chosen) < queryset.count():
            messages.error(request, _("Only test learners and test courses can be erased."))
            return
        now = timezone.now()
        erasure = erasing.request_some(request.user, now, **{self.erased: chosen})
        if erasing.begin(erasure, now):
            messages.success(request, _("Erased."))
            return
        messages.success(request, _("They are being erased: see Erasings of test data."))
