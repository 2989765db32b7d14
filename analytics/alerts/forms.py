"""The forms of the alerts page and of the letter page."""

from datetime import datetime, timedelta

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from analytics.models import Alert, AlertKind, DigestChoice, OutreachTemplate
from analytics.models.outreach import check_placeholders
from analytics.query.filters import GroupForm, Titles
from progress.models import User

ME, NOBODY = "me", "nobody"
SNOOZE_DAYS = (1, 3, 7, 14, 30)
MAX_LETTERS = 500


class BoardForm(GroupForm):
    """Empty fields filter nothing, but closed alerts are shown only on request."""

    kind = forms.ChoiceField(
        required=False,
        label=_("Kind"),
        choices=[("", _("All kinds")), *AlertKind.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("Not closed")), *Alert.State.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    assigned = forms.ChoiceField(
        required=False, label=_("Assigned to"), widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, data, courses: Titles, staff: list[User]):
        super().__init__(data)
        self.offer_courses(courses)
        self.offer_departments(courses)
        people = [(str(person.pk), person.get_full_name()) for person in staff]
        some = [("", _("Anyone or no one")), (ME, _("Me")), (NOBODY, _("Nobody"))]
        self.fields["assigned"].choices = [*some, *people]

    @property
    def summary(self) -> str:
        """The chosen filters in a line, such as `Fire safety · Inactive`; empty without any."""
        chosen = self.cleaned_data
        labels = [
            dict(field.choices).get(chosen.get(name))
            for name, field in self.fields.items()
            if chosen.get(name)
        ]
        return " · ".join(str(label) for label in labels)

    def apply(self, alerts, reader: User):
        """Filters the alerts by the valid fields. Call it after `is_valid`."""
        chosen = self.cleaned_data
        state = chosen.get("state")
        alerts = alerts.filter(state=state) if state else alerts.unclosed()
        if course := chosen.get("course"):
            alerts = alerts.filter(course=course)
        if department := chosen.get("department"):
            alerts = alerts.filter(user__department=department)
        if kind := chosen.get("kind"):
            alerts = alerts.filter(kind=kind)
        assigned = chosen.get("assigned")
        if assigned == NOBODY:
            return alerts.filter(assigned_to=None)
        if assigned:
            return alerts.filter(assigned_to=reader.pk if assigned == ME else int(assigned))
        return alerts


class ActionForm(forms.Form):
    """What to do with which alerts: the selected ones, or all that match the filters."""

    ACKNOWLEDGE, SNOOZE, ASSIGN, CLOSE, WRITE = "acknowledge", "snooze", "assign", "close", "write"
    do = forms.ChoiceField(choices=[(a, a) for a in (ACKNOWLEDGE, SNOOZE, ASSIGN, CLOSE, WRITE)])
    all = forms.BooleanField(required=False)
    days = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=SNOOZE_DAYS[2],
        choices=[(days, days) for days in SNOOZE_DAYS],
    )
    to = forms.ModelChoiceField(queryset=User.objects.none(), required=False)

    def __init__(self, data, staff):
        super().__init__(data)
        self.fields["to"].queryset = staff

    def until(self, now: datetime) -> datetime:
        return now + timedelta(days=self.cleaned_data["days"])


def chosen_ids(data: QueryDict) -> list[int]:
    """Returns the ids in `alert` parameters, one or several in each; ignores anything else."""
    values = [value for several in data.getlist("alert") for value in several.split()]
    return [int(value) for value in values if value.isdecimal() and len(value) < 19]


class LetterForm(forms.Form):
    subject = forms.CharField(
        label=_("Subject"),
        max_length=200,
        validators=[check_placeholders],
        widget=UnfoldAdminTextInputWidget(),
    )
    body = forms.CharField(
        label=_("Letter"),
        max_length=5000,
        validators=[check_placeholders],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12}),
    )

    @classmethod
    def beginning(cls, template: OutreachTemplate | None) -> "LetterForm":
        if template is None:
            return cls()
        return cls(initial={"subject": template.subject, "body": template.body})


class DigestForm(forms.ModelForm):
    class Meta:
        model = DigestChoice
        fields = ["rhythm"]
        labels = {"rhythm": _("Email me new alerts")}
        widgets = {"rhythm": UnfoldAdminSelectWidget()}
