"""Validity, reviews, reminders and revocations in the admin."""

from django import forms
from django.contrib import admin, messages
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from certificates.lifecycle import reviews, revocations
from certificates.models import Reminder, Review, Revocation, Validity
from certificates.tasks import issue_anew
from progress.admin.list_filters import ChoiceFilter
from progress.admin.scope import ReadOnlyAdmin, ScopedAdmin


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=255, widget=UnfoldAdminTextInputWidget)


def reason_or_form(model_admin, request, queryset, *, action: str, title: str, warning: str):
    """Returns (page, reason), one of which is None: the page that asks for an action's reason, or
    the reason that was given on it.
    """
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        return None, form.cleaned_data["reason"]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "warning": warning,
        "action": action,
        "opts": model_admin.model._meta,
        "rows": queryset[:100],
        "ids": list(queryset.values_list("pk", flat=True)),
        "form": form,
    }
    return TemplateResponse(request, "admin/certificates/reason.html", context), None


@admin.register(Validity)
class ValidityAdmin(ScopedAdmin):
    """Without a row, a course's certificates don't expire."""

    downloads = (
        "course__code",
        "course__title",
        "counted_from",
        "months",
        "fixed_on",
        "minimum_months",
        "renewal",
        "opens_days",
        "remind_days",
    )
    course_lookup = "course"
    list_display = ["course", "counted_from", "months", "fixed_on", "renewal", "opens_days"]
    list_select_related = ["course"]
    list_filter = ["counted_from", "renewal"]
    search_fields = ["course__title", "=course__code"]
    autocomplete_fields = ["course"]
    fieldsets = [
        (None, {"fields": ["course", "counted_from", "months", "fixed_on", "minimum_months"]}),
        ("Renewal", {"fields": ["renewal", "opens_days", "remind_days"]}),
    ]

    def has_delete_permission(self, request, obj=None):
        # Issued certificates keep their expiry; only the next ones won't expire.
        return super(ScopedAdmin, self).has_delete_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return ["course"] if obj else []


class OpenFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", "Open"), ("closed", "Settled")]

    def queryset(self, request, queryset):
        if self.value() not in {"open", "closed"}:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "open")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    downloads = (
        "certificate__number",
        "certificate__learner_name",
        "certificate__course_code",
        "reason",
        "opened_at",
        "opened_by__username",
        "outcome",
        "note",
        "closed_at",
        "closed_by__username",
    )
    course_lookup = "certificate__course"
    list_display = ["certificate", "learner", "reason", "opened_at", "outcome", "closed_at"]
    list_select_related = ["certificate"]
    list_filter = [OpenFilter, "outcome"]
    search_fields = ["=certificate__number", "certificate__learner_name"]
    actions = ["uphold", "reissue", "revoke"]

    @admin.display(description="learner")
    def learner(self, review):
        return review.certificate.learner_name

    def has_settle_permission(self, request):
        return request.user.has_perm("certificates.change_review")

    @admin.action(description="Uphold: the certificate is correct", permissions=["settle"])
    def uphold(self, request, queryset):
        return self._settle(
            request,
            queryset,
            "uphold",
            "The certificates stay as they were issued, and count as valid again.",
            self._uphold_one,
        )

    @admin.action(description="Reissue with today's scores", permissions=["settle"])
    def reissue(self, request, queryset):
        return self._settle(
            request,
            queryset,
            "reissue",
            "New certificates are issued with today's names and scores; these are superseded.",
            self._reissue_one,
        )

    @admin.action(description="Revoke", permissions=["settle"])
    def revoke(self, request, queryset):
        return self._settle(
            request,
            queryset,
            "revoke",
            "The certificates become void permanently.",
            self._revoke_one,
        )

    def _settle(self, request, queryset, action: str, warning: str, settle):
        reviews = queryset.filter(closed_at=None)
        page, reason = reason_or_form(
            self,
            request,
            reviews,
            action=action,
            title=f"{action.capitalize()} {reviews.count()} certificates",
            warning=warning,
        )
        if page:
            return page
        now, done = timezone.now(), 0
        for review in reviews.select_related("certificate"):
            settle(review, request.user, reason, now)
            self.log_change(request, review, f"{action}: {reason}")
            done += 1
        messages.success(request, f"{done} settled.")
        return None

    def _uphold_one(self, review, by, note, now):
        reviews.uphold(review, note=note, by=by, now=now)

    def _reissue_one(self, review, by, reason, now):
        issue_anew(review.certificate, reason=reason, by=by)

    def _revoke_one(self, review, by, reason, now):
        revocations.revoke(review.certificate, reason=reason, by=by, now=now)


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    downloads = (
        "certificate__number",
        "certificate__learner_name",
        "certificate__course_code",
        "days_before",
        "due_at",
        "sent_at",
        "error",
    )
    course_lookup = "certificate__course"
    list_display = ["certificate", "days_before", "due_at", "sent_at", "error"]
    list_select_related = ["certificate"]


@admin.register(Revocation)
class RevocationAdmin(ScopedAdmin):
    """Adding one revokes a certificate. It can't be taken back: issue anew instead."""

    downloads = (
        "certificate__number",
        "certificate__learner_name",
        "certificate__course_code",
        "reason",
        "revoked_at",
        "revoked_by__username",
    )
    course_lookup = "certificate__course"
    list_display = ["certificate", "reason", "revoked_at", "revoked_by"]
    list_select_related = ["certificate", "revoked_by"]
    fields = ["certificate", "reason"]
    raw_id_fields = ["certificate"]

    def save_model(self, request, revocation, form, change):
        revocations.revoke(
            revocation.certificate, reason=revocation.reason, by=request.user, now=timezone.now()
        )
        revocation.pk = Revocation.objects.get(certificate=revocation.certificate).pk

    def has_change_permission(self, request, obj=None):
        return False
