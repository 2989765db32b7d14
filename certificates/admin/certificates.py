"""Certificates in the admin: view, render or issue anew, put under review, revoke."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import TabularInline

from certificates.lifecycle import reviews, revocations
from certificates.models import Certificate, CertificateStatus, Rendition
from certificates.tasks import issue_anew, render_anew
from progress.admin.downloading import take_end_line
from progress.admin.list_filters import ChoiceFilter
from progress.admin.scope import CourseFilter, ReadOnlyAdmin
from progress.files import downloads, typesetting
from progress.models import SetAside
from progress.models.learner_keys import outer_row
from progress.operations import broker

from .lifecycle import reason_or_form

RENDERED_AT_ONCE = 200  # by one task
JOBS = ["render_missing", "render_anew", "seal_missing"]


def link(address: str, text: str):
    """A link in the style of the admin's own links."""
    classes = "text-primary-600 dark:text-primary-500 underline"
    return format_html('<a class="{}" href="{}">{}</a>', classes, address, text)


class RenditionInline(TabularInline):
    """The files that were given out, without their bytes."""

    model = Rendition
    verbose_name_plural = "files"
    fields = readonly_fields = ["ordinal", "rendered_at", "signed_by", "sha256", "squares", "file"]
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("pdf", "picture", "badge")

    @admin.display(description="PDF")
    def file(self, rendition):
        address = reverse("admin:certificates_certificate_file", args=[rendition.pk])
        return link(address, "Download")

    @admin.display(description="characters without a font")
    def squares(self, rendition):
        return typesetting.character_names(rendition.missing_characters) or "none"

    def has_add_permission(self, request, obj):
        return False

    def has_view_permission(self, request, obj=None):
        # Those who may see a certificate may see its files.
        return request.user.has_perm("certificates.view_certificate")


class FontFilter(ChoiceFilter):
    """Certificates whose page shows white squares for characters that no font has."""

    title = "characters without a font"
    parameter_name = "squares"

    def lookups(self, request, model_admin):
        return [("some", "Some, shown as white squares")]

    def queryset(self, request, queryset):
        if self.value() != "some":
            return queryset
        files = Rendition.objects.filter(**outer_row("certificate"))
        return queryset.filter(Exists(files.exclude(missing_characters="")))


class StatusFilter(ChoiceFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return CertificateStatus.choices

    def queryset(self, request, queryset):
        return (
            queryset.filter(status=self.value()) if self.value() in CertificateStatus else queryset
        )


EXPORT_COLUMNS = [
    "number",
    "status",
    "learner",
    "username",
    "department",
    "course_code",
    "course",
    "completed_at",
    "issued_at",
    "expires_at",
    "active_minutes",
    "score_percent",
    "revoked_at",
    "revoked_reason",
]


def _rows(certificates):
    return downloads.in_chunks(certificates.select_related("user", "revocation"))


def _export_row(certificate: Certificate) -> list:
    revocation = getattr(certificate, "revocation", None)
    return [
        certificate.number,
        certificate.status,
        certificate.learner_name,
        certificate.user.username,
        certificate.user.department,
        certificate.course_code,
        certificate.course_title,
        certificate.completed_at.isoformat(),
        certificate.issued_at.isoformat(),
        certificate.expires_at and certificate.expires_at.isoformat(),
        round(certificate.time_ms / 60_000, 1),
        None if certificate.score_bp is None else certificate.score_bp / 100,
        revocation and revocation.revoked_at.isoformat(),
        revocation and revocation.reason,
    ]


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    downloads = (
        "number",
        "user__username",
        "learner_name",
        "user__department",
        "course_code",
        "course_title",
        "time_ms",
        "score_bp",
        "completed_at",
        "issued_at",
        "expires_at",
        "status as standing",  # the name that the column has had in files
        "revocation__revoked_at",
        "revocation__reason",
    )
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
    list_filter = [CourseFilter, StatusFilter, FontFilter, "issued_at", "expires_at"]
    search_fields = ["=number", "=code", "learner_name", "course_title"]
    actions = ["anew", "reissue", "review", "revoke", "export"]
    inlines = [RenditionInline]

    def get_queryset(self, request):
        return super().get_queryset(request).with_status()

    def get_urls(self):
        file = self.admin_site.admin_view(self.file)
        return [
            path("file/<int:pk>/", file, name="certificates_certificate_file"),
            *super().get_urls(),
        ]

    def file(self, request, pk: int):
        """Any file of a certificate that the reader may see, including older ones."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        seen = self.get_queryset(request)
        made = get_object_or_404(Rendition.objects.filter(certificate__in=seen.values("pk")), pk=pk)
        response = HttpResponse(bytes(made.pdf), content_type="application/pdf")
        name = f"certificate-{made.certificate.number}-{made.ordinal}.pdf"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def get_fields(self, request, obj=None):
        return ["status", "picture", "failure", "evidence", *super().get_fields(request, obj)]

    @admin.display(description="as it looks")
    def picture(self, certificate):
        if not certificate.renditions.exists():
            return "It is being prepared."
        address = reverse("certificate-picture", args=[certificate.number])
        return format_html(
            '<img src="{}" width="643" height="454" alt="The page of the certificate">', address
        )

    @admin.display(description="failed rendering")
    def failure(self, certificate):
        """The errors for which jobs set this certificate aside."""
        failed = SetAside.objects.filter(
            job__in=[f"certificates.tasks.{job}" for job in JOBS],
            row=certificate.pk,
        )
        return "; ".join(str(each.error) for each in failed) or "none"

    @admin.display(description="evidence")
    def evidence(self, certificate):
        if not hasattr(certificate, "packet"):
            return "It is being sealed."
        address = reverse("certificate-evidence", args=[certificate.number])
        return link(address, "Download the evidence")

    @admin.display(description="status")
    def status(self, certificate):
        return CertificateStatus(certificate.status).label

    @admin.action(description="Render again", permissions=["render"])
    def anew(self, request, certificates):
        ids = list(certificates.values_list("pk", flat=True))
        for at in range(0, len(ids), RENDERED_AT_ONCE):
            broker.enqueue(render_anew, *ids[at : at + RENDERED_AT_ONCE])
        message = f"{len(ids)} are being rendered; files that were given out stay valid."
        messages.info(request, message)

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST":
            try:
                request.marks_end = take_end_line(request)
            except ValueError as error:
                return HttpResponseBadRequest(str(error), content_type="text/plain; charset=utf-8")
        return super().changelist_view(request, extra_context)

    @admin.action(description="Export as CSV", permissions=["view"])
    def export(self, request, certificates):
        """Streams the selected rows; "Select all" exports everything that is filtered.

        With `end_line=true`, in the address or the form, it ends with `#end,<rows>`.
        """
        return downloads.csv_response(
            "certificates.csv",
            EXPORT_COLUMNS,
            map(_export_row, _rows(certificates)),
            marks_end=request.marks_end,
        )

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request, certificates):
        valid = certificates.filter(revocation=None)
        page, reason = reason_or_form(
            self,
            request,
            valid,
            action="revoke",
            title=f"Revoke {valid.count()} certificates",
            warning="They become void permanently. Anyone who checks one sees the reason.",
        )
        if page:
            return page
        already = certificates.count() - len(valid)
        for certificate in valid:
            revocations.revoke(certificate, reason=reason, by=request.user, now=timezone.now())
            self.log_change(request, certificate, f"Revoked: {reason}")
        message = f"{len(valid)} revoked."
        messages.success(
            request, f"{message} {already} had been revoked already." if already else message
        )
        return None

    @admin.action(description="Reissue (with today's name and scores)", permissions=["reissue"])
    def reissue(self, request, certificates):
        latest = certificates.newest()
        page, reason = reason_or_form(
            self,
            request,
            latest,
            action="reissue",
            title=f"Reissue {latest.count()} certificates",
            warning="New ones are issued with today's names and scores. These remain on record "
            "as superseded.",
        )
        if page:
            return page
        for certificate in latest:
            made = issue_anew(certificate, reason=reason, by=request.user)
            self.log_change(request, certificate, f"Reissued as {made}: {reason}")
        messages.success(request, f"{len(latest)} reissued.")
        return None

    @admin.action(description="Put under review", permissions=["review"])
    def review(self, request, certificates):
        latest = certificates.newest().filter(revocation=None)
        page, reason = reason_or_form(
            self,
            request,
            latest,
            action="review",
            title=f"Put {latest.count()} certificates under review",
            warning="Anybody who checks one sees that it is under review.",
        )
        if page:
            return page
        for certificate in latest:
            reviews.open_review(certificate, reason=reason, by=request.user, now=timezone.now())
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
