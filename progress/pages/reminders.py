"""Reminders by mail: chosen on the account's page, and ended by the link in each of them."""

from datetime import time

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from progress.mail import study_reminders
from progress.mail.password_links import can_be_mailed
from progress.models import StudyReminder
from progress.rules.reminding import DEFAULT_HOUR, EVERY_DAY, bit

from .locale_formats import first_weekday


class ReminderForm(forms.Form):
    is_on = forms.BooleanField(label=gettext_lazy("Remind me by mail"), required=False)
    hour = forms.TypedChoiceField(label=gettext_lazy("At"), coerce=int)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hour"].choices = [
            (hour, time_format(time(hour), "TIME_FORMAT")) for hour in range(24)
        ]
        days = [(first_weekday() + day) % 7 for day in range(7)]
        self.fields["weekdays"].choices = [(day, WEEKDAYS[day]) for day in days]

    def clean(self):
        found = super().clean()
        if found.get("is_on") and "weekdays" in found and not found["weekdays"]:
            self.add_error("weekdays", _("Choose a day."))
        return found


def context(request: HttpRequest, form: ReminderForm | None = None) -> dict:
    """What the account's page shows of reminders."""
    stored = StudyReminder.objects.filter(user=request.user).first()
    days = stored.weekdays if stored else EVERY_DAY
    initial = {
        "is_on": stored is not None,
        "hour": stored.hour if stored else DEFAULT_HOUR,
        "weekdays": [day for day in range(7) if days & bit(day)],
    }
    return {
        "reminder_form": form or ReminderForm(initial=initial, prefix="reminder"),
        "can_be_reminded": can_be_mailed() and bool(request.user.email),
    }


def saved(request: HttpRequest, form: ReminderForm) -> None:
    """Stores what a valid form says."""
    if not form.cleaned_data["is_on"]:
        study_reminders.turn_off(request.user.pk)
        messages.success(request, _("You get no reminders."))
        return
    study_reminders.choose(
        request.user,
        hour=form.cleaned_data["hour"],
        weekdays=sum(map(bit, set(form.cleaned_data["weekdays"]))),
        now=timezone.now(),
    )
    messages.success(request, _("Saved."))


@csrf_exempt  # mail programs post here, RFC 8058; whoever has the address may
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request, token: str):
    """Ends the reminders of the person that the link was written to, without a sign-in.

    A GET asks first: programs that look at links before people do must not end anything.
    """
    person = study_reminders.user_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        study_reminders.turn_off(person.pk)
    with translation.override(person.mail_language):
        return render(
            request, "registration/stop_reminders.html", {"is_done": request.method == "POST"}
        )
