"""Certificates to look at, to render or issue anew, to look into, and to revoke for a reason."""

from django.contrib import admin, messages
from django.utils import timezone
from unfold.admin import TabularInline

from certificates import reviewing, revoking
from certificates.models import Certificate, Rendition, Standing
from certificates.tasks import issue_anew, render_anew
from progress import broker
from progress.admin.scope import CourseFilter, ReadOnlyAdmin

from .life import asks_for_reason


class RenditionInline(TabularInline):
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


class StandingFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return Standing.choices

    def queryset(self, request, queryset):
        return queryset.filter(standing=self.value()) if self.value() in Standing else queryset


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    course_lookup = "course"
    list_display = [
        "number",
        "learner_name",
        "course_title",
        "completed_at",
        "issued_at",
        "expires_at",
        "status",
    ]
    list_filter = [CourseFilter, StandingFilter, "issued_at", "expires_at"]
    search_fields = ["=number", "=code", "learner_name", "course_title"]
    actions = ["anew", "reissue", "review", "revoke"]
    inlines = [RenditionInline]

    def get_queryset(self, request):
        return super().get_queryset(request).with_standing()

    @admin.display(description="status")
    def status(self, certificate):
        return Standing(certificate.standing).label

    @admin.action(description="Render anew", permissions=["render"])
    def anew(self, request, certificates):
        for pk in certificates.values_list("pk", flat=True):
            broker.enqueue(render_anew, pk)
        messages.info(request, "They are being rendered; files that were given out stay valid.")

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request, certificates):
        valid = certificates.filter(revocation=None)
        page, reason = asks_for_reason(
            self,
            request,
            valid,
            action="revoke",
            title=f"Revoke {valid.count()} certificates",
            warning="They are void from now on, for good. Whoever checks them is told the reason.",
        )
        if page:
            return page
        already = certificates.count() - len(valid)
        for certificate in valid:
            revoking.revoke(certificate, reason=reason, by=request.user, now=timezone.now())
            self.log_change(request, certificate, f"Revoked: {reason}")
        told = f"{len(valid)} revoked."
        messages.success(request, f"{told} {already} were already." if already else told)
        return None

    @admin.action(description="Issue anew (name and scores of today)", permissions=["reissue"])
    def reissue(self, request, certificates):
        latest = certificates.newest()
        page, reason = asks_for_reason(
            self,
            request,
            latest,
            action="reissue",
            title=f"Issue {latest.count()} certificates anew",
            warning="New ones are made, with the names and scores of today. These stay known, "
            "as superseded.",
        )
        if page:
            return page
        for certificate in latest:
            made = issue_anew(certificate, reason=reason, by=request.user)
            self.log_change(request, certificate, f"Issued anew as {made}: {reason}")
        messages.success(request, f"{len(latest)} issued anew.")
        return None

    @admin.action(description="Put under review", permissions=["review"])
    def review(self, request, certificates):
        latest = certificates.newest().filter(revocation=None)
        page, reason = asks_for_reason(
            self,
            request,
            latest,
            action="review",
            title=f"Put {latest.count()} certificates under review",
            warning="Whoever checks them is told that they are being looked into.",
        )
        if page:
            return page
        for certificate in latest:
            reviewing.open_review(certificate, reason=reason, by=request.user, now=timezone.now())
        messages.success(request, f"{len(latest)} under review.")
        return None

    def has_render_permission(self, request):
        return request.user.has_perm("certificates.add_rendition")

    def has_revoke_permission(self, request):
        return request.user.has_perm("certificates.add_revocation")

    def has_reissue_permission(self, request):
        return request.user.has_perm("certificates.add_certificate")

    def has_review_permission(self, request):
        return request.user.has_perm("certificates.add_review")
