"""The admin action that scores submitted attempts of a quiz again, after showing the changes."""

from django import forms
from django.contrib import admin, messages
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from progress.ingest import regrading

MAX_CHANGES_SHOWN = 100


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="Stored with each changed score.",
    )


@admin.action(description="Rescore submitted attempts", permissions=["change"])
def regrade(model_admin, request, queryset):
    """Shows the changes and asks for the reason; then makes them."""
    contents = list(queryset.select_related("module__course"))
    if len(contents) != 1:
        messages.error(request, "Select a single quiz: the changes are shown before they are made.")
        return None
    (quiz,) = contents
    try:
        changes = regrading.preview(quiz)
    except regrading.NotAQuiz as error:
        messages.error(request, str(error))
        return None
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        changed = regrading.regrade(quiz, reason=reason, by=request.user, now=timezone.now())
        model_admin.log_change(request, quiz, f"{changed} scores changed: {reason}")
        messages.success(request, f"{changed} scores changed.")
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Rescore “{quiz.title}”",
        "opts": model_admin.model._meta,
        "quiz": quiz,
        "form": form,
        "changes": [_change_row(change) for change in changes[:MAX_CHANGES_SHOWN]],
        "count": len(changes),
    }
    return TemplateResponse(request, "admin/progress/regrade.html", context)


def _change_row(change: regrading.Change) -> dict:
    attempt = change.attempt
    return {
        "learner": attempt.user.get_full_name(),
        "number": attempt.number,
        "before": attempt.score_bp / 100,
        "after": change.score.bp / 100,
        "passed_before": attempt.passed,
        "passed_after": change.score.passed,
    }
