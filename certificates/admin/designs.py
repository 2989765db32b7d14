"""Designs of certificates, with a preview that follows the form."""

from datetime import timedelta

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from certificates.documents import pictures, rendering, styles
from certificates.models import Certificate, CourseDesign, Design
from certificates.models.design import COLOUR
from progress.admin.scope import ScopedAdmin

PICTURES = ["logo", "signature"]
SAMPLES = {
    "short": ("A short name", "Lena Fischer", "Fire safety at work"),
    "long": (
        "A long name and title",
        "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh " * 3,
        "The safe handling of very hazardous substances in confined spaces " * 4,
    ),
    "arabic": ("An Arabic name", "ليلى عبد الرحمن", "السلامة من الحرائق في مكان العمل"),
    "chinese": ("A Chinese name", "王小明", "工作场所消防安全"),
    "devanagari": ("A Hindi name", "अनन्या शर्मा", "कार्यस्थल पर अग्नि सुरक्षा"),
}


def sample(name: str) -> Certificate:
    """Returns an unsaved certificate for the preview."""
    _, learner, course = SAMPLES.get(name, SAMPLES["short"])
    now = timezone.now()
    return Certificate(
        number="2026-000000-0",
        code="0" * 16,
        learner_name=learner.strip()[:200],
        course_title=course.strip()[:300],
        time_ms=11_100_000,
        score_bp=9200,
        completed_at=now,
        issued_at=now,
        expires_at=now + timedelta(days=365),
        rules={"contents": []},
    )


def picture_field(label: str) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text="PNG, JPEG or SVG, at most 512 KiB.",
    )


class DesignForm(forms.ModelForm):
    logo_file = picture_field("Logo")
    remove_logo = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    signature_file = picture_field("Image of the signature")
    remove_signature = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    sample = forms.ChoiceField(
        label="Preview with",
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[(name, label) for name, (label, _, _) in SAMPLES.items()],
    )

    class Meta:
        model = Design
        fields = [
            "name",
            "is_default",
            "template",
            "language",
            "accent",
            "issuer",
            "signatory",
            "signatory_title",
        ]
        widgets = {"accent": UnfoldAdminColorInputWidget}

    def clean_accent(self) -> str:
        accent = self.cleaned_data["accent"].lower()
        if not COLOUR.match(accent):
            return accent  # The model says what is wrong with it.
        contrast = pictures.contrast_on_white(accent)
        if contrast < pictures.MIN_CONTRAST:
            raise ValidationError(
                f"Links in this colour can't be read on white: {contrast:.1f}:1, "
                f"{pictures.MIN_CONTRAST}:1 is needed."
            )
        return accent

    def clean_logo_file(self):
        return self._picture("logo_file")

    def clean_signature_file(self):
        return self._picture("signature_file")

    def _picture(self, field: str) -> bytes | None:
        file = self.cleaned_data[field]
        if not file:
            return None
        if file.size > pictures.MAX_PICTURE_BYTES:
            raise ValidationError("A picture has at most 512 KiB.")
        content = file.read()
        try:
            pictures.check_picture(content)
        except pictures.UnusablePicture as error:
            raise ValidationError(str(error)) from error
        return content

    def clean(self):
        super().clean()
        for name in PICTURES:
            if self.cleaned_data.get(f"remove_{name}"):
                setattr(self.instance, name, None)
            if content := self.cleaned_data.get(f"{name}_file"):
                setattr(self.instance, name, content)

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        import typst  # here for its cost: see progress/files/typesetting.py

        try:
            self.picture = draw(self.instance, self.cleaned_data.get("sample", ""))
        except typst.TypstError as error:
            # The file begins like a picture, and isn't one.
            self.add_error(None, f"This can't be made into a certificate: {error}")


def draw(design: Design, name: str) -> bytes:
    """Returns a page of this design as PNG. Raises typst.TypstError."""
    return rendering.compile_picture(sample(name), styles.design_style(design))


class CourseInline(TabularInline):
    model = CourseDesign
    autocomplete_fields = ["course"]
    extra = 0

    def has_add_permission(self, request, obj=None):
        return request.user.has_perm("certificates.change_design")

    has_change_permission = has_delete_permission = has_view_permission = has_add_permission


@admin.register(Design)
class DesignAdmin(ScopedAdmin):
    """How certificates look. An issued certificate keeps its file until it is rendered anew."""

    downloads = (
        "name",
        "template",
        "language",
        "accent",
        "issuer",
        "signatory",
        "signatory_title",
        "is_default",
    )
    form = DesignForm
    inlines = [CourseInline]
    list_display = ["name", "template", "language", "issuer", "signatory", "is_default"]
    list_filter = ["template", "language", "is_default"]
    search_fields = ["name", "issuer", "signatory"]
    change_form_template = "admin/certificates/design/change_form.html"
    fieldsets = [
        (None, {"fields": ["sample", "name", "is_default"]}),
        ("Appearance", {"fields": ["template", "language", "accent", "logo_file", "remove_logo"]}),
        (
            "Issuer",
            {
                "fields": [
                    "issuer",
                    "signatory",
                    "signatory_title",
                    "signature_file",
                    "remove_signature",
                ]
            },
        ),
    ]

    def in_scope(self, rows, user):
        # A design belongs to no course: the permission for designs covers all of them.
        return rows

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm("certificates.delete_design")

    def get_urls(self):
        preview = self.admin_site.admin_view(self.preview)
        return [
            path("preview/", preview, name="certificates_design_preview"),
            *super().get_urls(),
        ]

    def preview(self, request):
        """Returns the form's design as PNG, or the form's errors as JSON. Writes nothing."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        design = self.get_queryset(request).filter(pk=request.GET.get("design") or 0).first()
        form = self.get_form(request, design)(request.POST, request.FILES, instance=design)
        # The name doesn't show in the preview, and may be filled in last.
        form.fields["name"].required = False
        if not form.is_valid():
            return JsonResponse({"errors": form.errors})
        response = HttpResponse(form.picture, content_type="image/png")
        response["Cache-Control"] = "no-store"
        return response

    def render_change_form(self, request, context, *args, **kwargs):
        obj = kwargs.get("obj") or context.get("original")
        address = reverse("admin:certificates_design_preview")
        context["preview_url"] = f"{address}?design={obj.pk}" if obj else address
        return super().render_change_form(request, context, *args, **kwargs)
