"""A day until which people are to learn."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class DueForm(forms.Form):
    """The day until which people are to learn; the day ends in each one's time zone."""

    due = forms.DateField(
        label=gettext_lazy("Due date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Leave it empty for none; dates that were set stay."),
        error_messages={"invalid": gettext_lazy("Give a day, such as 2026-12-31.")},
    )

    def clean_due(self) -> date | None:
        day = self.cleaned_data["due"]
        if day is not None and not timezone.localdate() <= day <= date(9000, 1, 1):
            raise forms.ValidationError(_("This day is over, or too far away."))
        return day
