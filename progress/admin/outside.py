"""Completions that were not earned here: recorded and withdrawn."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget

from progress.ingest import outside_completions
from progress.ingest.outside_completions import OutsideRecord, Recorder
from progress.models import Course, OutsideCompletion
from progress.models.marks import may_be_enrolled
from progress.security import rights

from .columns import column, percent, readable_fields
from .forms import ScaledDecimalField
from .list_filters import ChoiceFilter
from .scope import CourseFilter, ScopedAdmin

WITHDRAWAL = "withdrawal_reason"


class RecordForm(forms.ModelForm):
    """A new record; what the rules say about its days is said at the field."""

    score_bp = ScaledDecimalField(
        scale=100, label="Score, %", min_value=0, max_value=100, decimal_places=2
    )

    class Meta:
        model = OutsideCompletion
        fields = (
            "user",
            "course",
            "completed_on",
            "valid_until",
            "basis",
            "authority",
            "details",
            "reference",
            "score_bp",
        )

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if not may_be_enrolled(cleaned["user"], cleaned["course"]):
            self.add_error("course", "Only test learners can have completed a test course.")
            return cleaned
        facts = self.facts()
        for name, text in facts.problems(timezone.now()).items():
            self.add_error(name, text)
        if outside_completions.recorded([facts]):
            self.add_error("completed_on", "A completion on this day is recorded already.")
        return cleaned

    def facts(self) -> OutsideRecord:
        values = dict(self.cleaned_data)
        return OutsideRecord(values.pop("user"), values.pop("course").pk, **values)

    def validate_constraints(self):
        """They are about columns that are written with the record."""


class WithdrawalForm(forms.ModelForm):
    withdrawal_reason = forms.CharField(
        label="Withdraw it, because",
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="It is kept, and fulfils nothing any more. This can't be undone.",
    )

    class Meta:
        model = OutsideCompletion
        fields = (WITHDRAWAL,)

    def validate_constraints(self):
        """They are about columns that are written with the withdrawal."""


class InForceFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("in_force", "In force"), ("ended", "Ended"), ("withdrawn", "Withdrawn")]

    def queryset(self, request, queryset):
        now = timezone.now()
        if self.value() == "in_force":
            return queryset.valid_at(now)
        if self.value() == "ended":
            return queryset.in_force().filter(holds_until__lte=now)
        return queryset.exclude(withdrawn_at=None) if self.value() == "withdrawn" else queryset


@admin.register(OutsideCompletion)
class OutsideCompletionAdmin(ScopedAdmin):
    """Recorded by a form; afterwards all that can be done is to withdraw it, with a reason."""

    course_lookup = "course"
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "course__code",
        "course__title",
        "completed_on",
        "valid_until",
        "basis",
        "authority",
        "details",
        "reference",
        "score_bp",
        "recorded_at",
        "recorded_by__username",
        "recorded_key",
        "withdrawn_at",
        "withdrawn_by__username",
        "withdrawal_reason",
    )
    list_display = [
        "user",
        "course",
        "completed_on",
        "valid_until",
        "basis",
        "authority",
        "reference",
        column("score_bp", "score", percent),
        "recorded_by",
        "recorded_at",
        "withdrawn_at",
    ]
    list_select_related = ["user", "course", "recorded_by"]
    list_filter = [CourseFilter, "basis", InForceFilter]
    search_fields = ["^user__username", "^user__full_name", "authority", "reference"]
    search_help_text = "The beginning of a learner's username or name; an authority, a reference."
    autocomplete_fields = ["user", "course"]
    ordering = ["-pk"]
    actions = None

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = WithdrawalForm if obj and self.has_change_permission(request, obj) else RecordForm
        return super().get_form(request, obj, change, **kwargs | {"form": form})

    def get_fields(self, request, obj=None):
        return list(RecordForm.Meta.fields) if obj is None else list(readable_fields(self.model))

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        may = self.has_change_permission(request, obj)
        return [each for each in self.get_fields(request, obj) if each != WITHDRAWAL or not may]

    def selectable(self, db_field, request):
        if db_field.remote_field.model is Course:
            return rights.enrollable_courses(request.user)
        return rights.enrollable_people(request.user).exclude(pk=request.user.pk)

    def has_change_permission(self, request, obj=None):
        if obj is None:
            return super().has_change_permission(request, obj)
        # Only those in force, and never one's own.
        allowed = rights.withdrawable_outside_completions(request.user).in_force()
        return super().has_change_permission(request, obj) and allowed.filter(pk=obj.pk).exists()

    def save_model(self, request, obj, form, change):
        by, now = Recorder(request.user), timezone.now()
        if change:
            row = OutsideCompletion.objects.get(pk=obj.pk)
            try:
                outside_completions.withdraw(row, by, reason=obj.withdrawal_reason, now=now)
            except outside_completions.AlreadyWithdrawn:
                messages.warning(request, "It was withdrawn before, and stays so.")
            return
        [made] = outside_completions.record([form.facts()], by, now=now)
        obj.pk, obj._state.adding = made.pk, False
