"""Requirements with their steps, exemptions, and escalations in the admin."""

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from analytics.models import Escalation, EscalationStep, Exemption, Requirement
from progress.admin.scope import ReadOnlyAdmin, ScopedAdmin

from . import due_dates
from .enrolling import fixed_fields


class RequirementForm(forms.ModelForm):
    departments = SimpleArrayField(
        forms.CharField(max_length=120),
        label=_("For departments"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=Requirement._meta.get_field("departments").help_text,
    )

    class Meta:
        model = Requirement
        fields = (
            "name",
            "course",
            "departments",
            "starts_on",
            "due_on",
            "due_days",
            "enrols",
            "is_active",
        )


class StepInline(TabularInline):
    model = EscalationStep
    fields = ("days", "to", "address")
    verbose_name = _("notification")
    verbose_name_plural = _("Notifications")
    extra = 0


@admin.register(Requirement)
class RequirementAdmin(ScopedAdmin):
    downloads = (
        "name",
        "course__code",
        "course__title",
        "departments",
        "starts_on",
        "due_on",
        "due_days",
        "enrols",
        "is_active",
    )
    form = RequirementForm
    course_lookup = "course"
    list_display = ["name", "course", "applies_to", "due_on", "due_days", "enrols", "is_active"]
    list_select_related = ["course"]
    list_filter = ["is_active"]
    search_fields = ["name", "course__title"]
    autocomplete_fields = ["course"]
    inlines = [StepInline]

    def get_readonly_fields(self, request, obj=None):
        return fixed_fields(request.user, obj)

    def save_model(self, request, obj, form, change):
        before = Requirement.objects.get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        if before:
            due_dates.requirement_changed(before, obj, timezone.now())

    @admin.display(description="for")
    def applies_to(self, requirement):
        return ", ".join(requirement.departments) or "everybody"


@admin.register(Exemption)
class ExemptionAdmin(ScopedAdmin):
    fields = ("requirement", "user", "reason", "since", "until")
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "requirement__name",
        "requirement__course__code",
        "reason",
        "since",
        "until",
        "granted_by__username",
    )
    course_lookup = "requirement__course"
    list_display = ["user", "requirement", "reason", "since", "until", "granted_by"]
    list_select_related = ["user", "requirement", "granted_by"]
    search_fields = ["user__full_name", "user__username", "reason"]
    autocomplete_fields = ["user", "requirement"]

    def get_readonly_fields(self, request, obj=None):
        # A granted exemption is history; only its end may change.
        return ["requirement", "user", "reason", "since"] if obj else []

    def save_model(self, request, obj, form, change):
        if not change:
            obj.granted_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "step__requirement__name",
        "step__requirement__course__code",
        "step__days",
        "step__to",
        "due_on",
        "planned_at",
        "sent_at",
        "error",
    )
    course_lookup = "step__requirement__course"
    list_display = ["step", "user", "due_on", "planned_at", "sent_at", "error"]
    list_select_related = ["step__requirement", "user"]
    search_fields = ["user__full_name", "user__username"]
