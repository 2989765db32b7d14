"""Alert thresholds, letter templates and letters in the admin."""

from django import forms
from django.contrib import admin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from analytics.models import AlertKind, AlertThresholds, Outreach, OutreachTemplate
from analytics.models.alerts import MIN_ABOVE_MAX
from progress.admin.scope import ReadOnlyAdmin, ScopedAdmin


class ThresholdsForm(forms.ModelForm):
    switched_off = forms.MultipleChoiceField(
        choices=AlertKind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=AlertThresholds._meta.get_field("switched_off").help_text,
    )

    class Meta:
        model = AlertThresholds
        exclude: list[str] = []

    def clean(self):
        data = super().clean()
        minimum, maximum = data.get("inactive_min_days"), data.get("inactive_max_days")
        if minimum and maximum and minimum > maximum:
            self.add_error("inactive_min_days", MIN_ABOVE_MAX)
        return data


@admin.register(AlertThresholds)
class AlertThresholdsAdmin(ScopedAdmin):
    """One row, for the organisation: a migration made it, so there is none to add."""

    form = ThresholdsForm
    downloads = tuple(f.name for f in AlertThresholds._meta.concrete_fields if f.name != "id")
    list_display = [
        "__str__",
        "never_started_days",
        "inactive_times_usual",
        "pace_behind_points",
        "failing_attempts",
        "cool_down_days",
    ]

    fieldsets = [
        (None, {"fields": ["switched_off", "cool_down_days"]}),
        (AlertKind.NEVER_STARTED.label, {"fields": ["never_started_days"]}),
        (
            AlertKind.INACTIVE.label,
            {
                "fields": [
                    "inactive_times_usual",
                    "inactive_min_days",
                    "inactive_max_days",
                    "inactive_unknown_days",
                ]
            },
        ),
        (AlertKind.PACE.label, {"fields": ["pace_after_percent", "pace_behind_points"]}),
        (AlertKind.FAILING.label, {"fields": ["failing_attempts"]}),
        (AlertKind.SKIPPING.label, {"fields": ["skipping_min_seconds", "skipping_percent"]}),
        (AlertKind.INTEGRITY.label, {"fields": ["integrity_events", "recent_days"]}),
    ]

    def has_add_permission(self, request):
        return False


class SharedAdmin(ScopedAdmin):
    """Rows that belong to no course, for everybody with the permission."""

    def in_scope(self, rows, user):
        return rows


@admin.register(OutreachTemplate)
class OutreachTemplateAdmin(SharedAdmin):
    downloads = (
        "name",
        "kind",
        "subject",
        "body",
    )
    list_display = ["name", "kind", "subject"]
    list_filter = ["kind"]
    search_fields = ["name", "subject"]

    def has_delete_permission(self, request, obj=None):
        # Letters keep their text; a template is only their beginning.
        return super(ScopedAdmin, self).has_delete_permission(request, obj)


@admin.register(Outreach)
class OutreachAdmin(ReadOnlyAdmin):
    downloads = (
        "alert__user__username",
        "alert__user__full_name",
        "alert__user__department",
        "alert__course__code",
        "alert__kind",
        "subject",
        "written_by__username",
        "written_at",
        "sent_at",
        "error",
    )
    course_lookup = "alert__course"
    list_display = ["subject", "learner", "written_by", "written_at", "sent_at", "error"]
    list_select_related = ["alert__user", "written_by"]
    search_fields = ["alert__user__full_name", "alert__user__username", "subject"]

    @admin.display(description="learner")
    def learner(self, outreach):
        return outreach.alert.user.get_full_name()
