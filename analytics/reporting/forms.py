"""The form that saves a report."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from analytics.models import SavedReport

from .files import endings
from .report import Report
from .saving import Draft


class SaveForm(forms.Form):
    name = forms.CharField(max_length=100, label=_("Name"), widget=UnfoldAdminTextInputWidget)
    is_shared = forms.TypedChoiceField(
        label=_("For"),
        choices=[("", _("Only me")), ("yes", _("All staff"))],
        coerce=bool,
        empty_value=False,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    schedule = forms.ChoiceField(
        label=_("By email"), choices=SavedReport.Schedule.choices, widget=UnfoldAdminSelectWidget
    )
    ending = forms.ChoiceField(
        label=_("As"),
        initial="xlsx",
        widget=UnfoldAdminSelectWidget,
    )
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)

    def __init__(self, report: Report, *args, **kwargs):
        self.report = report
        super().__init__(*args, **kwargs)
        self.fields["ending"].choices = [(each, each.upper()) for each in endings(report)]

    def draft(self) -> Draft:
        return Draft(slug=self.report.slug, **self.cleaned_data)
