"""Certificates to look at, to render anew, and to revoke for a reason."""

from functools import partial

from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone

from certificates import standing
from certificates.models import Certificate, Rendition, Revocation
from certificates.tasks import render_anew
from progress import broker
from progress.admin.scope import CourseFilter, ReadOnlyAdmin


class RenditionInline(admin.TabularInline):
    """Its files as they were given out, without their bytes."""

    model = Rendition
    verbose_name_plural = "files"
    fields = readonly_fields = ["ordinal", "rendered_at", "signed_by", "sha256"]
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("pdf", "picture")

    def has_add_permission(self, request, obj):
        return False

    def has_view_permission(self, request, obj=None):
        # Who sees a certificate sees its files.
        return request.user.has_perm("certificates.view_certificate")


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    course_lookup = "course"
    list_display = ["number", "learner_name", "course_title", "completed_at", "issued_at", "status"]
    list_filter = [CourseFilter, "issued_at"]
    search_fields = ["=number", "=code", "learner_name", "course_title"]
    actions = ["anew"]
    inlines = [RenditionInline]

    def get_queryset(self, request):
        return super().get_queryset(request).with_standing()

    @admin.display(description="status")
    def status(self, certificate):
        return standing.status(certificate)

    @admin.action(description="Render anew", permissions=["render"])
    def anew(self, request, certificates):
        for pk in certificates.values_list("pk", flat=True):
            broker.enqueue(render_anew, pk)
        messages.info(request, "They are being rendered; files that were given out stay valid.")

    def has_render_permission(self, request):
        return request.user.has_perm("certificates.add_rendition")


@admin.register(Revocation)
class RevocationAdmin(admin.ModelAdmin):
    """Adding one revokes a certificate. It can't be taken back: issue anew by a new cycle."""

    list_display = ["certificate", "reason", "revoked_at", "revoked_by"]
    list_select_related = ["certificate", "revoked_by"]
    fields = ["certificate", "reason"]
    raw_id_fields = ["certificate"]

    def save_model(self, request, revocation, form, change):
        revocation.revoked_at, revocation.revoked_by = timezone.now(), request.user
        super().save_model(request, revocation, form, change)
        transaction.on_commit(partial(standing.tell, revocation.certificate), robust=True)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
