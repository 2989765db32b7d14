"""People's own accounts: signing in, passwords, and what they choose for themselves."""

from functools import wraps
from zoneinfo import available_timezones

from axes.utils import reset as end_lockout
from django import forms
from django.conf.locale import LANG_INFO
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from progress import slots
from progress.mail import password_links
from progress.models import User, has_team
from progress.models.people import languages
from progress.security.throttling import PasswordResetThrottle
from progress.validation.languages import LANGUAGE_TAG, MAX_TAG
from progress.validation.usernames import normalized

from . import calendar_feed, devices, language, own_data, reminders
from .kept_words import for_kept
from .my_learning import GOAL_ERRORS
from .zone import in_own_zone

MAX_NAME = 254  # as long as an email address


# --- Signing in ----------------------------------------------------------------------------------
class SignIn(auth.LoginView):
    """Leads managers to their team, staff who learn nothing themselves to the admin, and everybody
    else to their courses."""

    redirect_authenticated_user = True
    is_emergency = False

    def form_valid(self, form):
        """The browser goes on in the person's language after they have signed out again."""
        answer = super().form_valid(form)
        if self.request.user.language:
            language.remember(answer, self.request.user.language)
        return answer

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        if slots.sign_in(self.request):
            # Whoever begins in this field would not notice the other ways before it.
            form.fields["username"].widget.attrs.pop("autofocus", None)
        return form

    def get_default_redirect_url(self):
        return first_page(self.request.user)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        found = slots.sign_in(self.request) or {}
        context["providers"] = [] if self.is_emergency else found.get("providers", [])
        context["is_emergency"] = self.is_emergency
        context["has_passwords"] = self.is_emergency or _has_passwords(self.request)
        return context


def first_page(user: User) -> str:
    """The page that someone comes to who has signed in without asking for one."""
    if has_team(user) or (user.is_staff and not user.enrollments.active().exists()):
        return reverse("admin:index")
    return reverse("my-learning")


def _has_passwords(request) -> bool:
    found = slots.sign_in(request)
    return found is None or found["has_passwords"]


def passwords_only(view):
    """Leads to the sign-in page instead where no password is accepted."""

    @wraps(view)
    def opened(request, *args, **kwargs):
        if not _has_passwords(request):
            return redirect("login")
        return view(request, *args, **kwargs)

    return opened


_PROVIDER_ENDS = "provider_ends"  # in the session after a sign-out


class SignOut(auth.LogoutView):
    """Ends the session, and offers to end that of the provider which began it.

    A browser that keeps courses says so by a cookie: signing out removes them, so a page of its own
    asks first.
    """

    def post(self, request, *args, **kwargs):
        keeps = request.COOKIES.get("kept") and request.user.is_authenticated
        if keeps and not request.POST.get("confirmed"):
            return redirect("kept-sign-out")
        url = slots.provider_sign_out(request)
        answer = super().post(request, *args, **kwargs)
        if url is None:
            return answer
        request.session[_PROVIDER_ENDS] = url
        return redirect("signed-out")


@never_cache
@require_GET
def signed_out(request):
    """Leads to where the provider ends its own session, once.

    A page of its own: after a form, the policy `form-action` would refuse to leave this site.
    """
    url = request.session.pop(_PROVIDER_ENDS, None)
    if url is None:
        return redirect("login")
    return render(request, "registration/signed_out.html", {"url": url})


# --- A forgotten password ------------------------------------------------------------------------
class ForgotPasswordForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("User name or email address"),
        max_length=MAX_NAME,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )


@never_cache
@passwords_only
@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request):
    """Queues a mail with a link. The answer is the same whether there is an account or not."""
    form = ForgotPasswordForm(request.POST or None)
    if request.method == "POST" and password_links.can_be_mailed() and form.is_valid():
        if not PasswordResetThrottle().allow_request(request, None):
            form.add_error(None, _("Too many requests from here. Please try again in an hour."))
            return _forgot_page(request, form, status=429)
        name = form.cleaned_data["name"]
        password_links.request_reset(name, translation.get_language(), timezone.now())
        return redirect("reset-sent")
    return _forgot_page(request, form, status=400 if form.errors else 200)


def _forgot_page(request, form: ForgotPasswordForm, status: int):
    context = {"form": form, "can_be_mailed": password_links.can_be_mailed()}
    return render(request, "registration/forgot_password.html", context, status=status)


@never_cache
@require_GET
def reset_sent(request):
    return render(request, "registration/reset_sent.html")


@method_decorator(passwords_only, name="dispatch")
class SetPassword(auth.PasswordResetConfirmView):
    """Sets a password by the link of a mail, ends a lockout, and signs in."""

    template_name = "registration/set_password.html"
    success_url = reverse_lazy("my-learning")
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"

    def form_valid(self, form):
        answer = super().form_valid(form)
        end_lockout(username=normalized(self.user.username))
        devices.end_elsewhere(self.request, self.user)
        return answer


# --- The account ---------------------------------------------------------------------------------
class AccountForm(forms.ModelForm):
    """What people choose for themselves. Names come from whoever looks after the accounts."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        help_text=gettext_lazy("Of the pages, of mails to you, and of your calendar."),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Days, due dates and your streak are counted in it."),
    )
    captions_language = forms.ChoiceField(
        label=gettext_lazy("Language of captions and transcripts"),
        required=False,
        help_text=gettext_lazy("Where a film has captions in it."),
    )

    class Meta:
        model = User
        fields = [
            "language",
            "time_zone",
            "weekly_goal_minutes",
            "captions_on",
            "captions_language",
            "autoplay_next",
        ]
        labels = {
            "weekly_goal_minutes": gettext_lazy("Weekly goal, in minutes"),
            "captions_on": gettext_lazy("Begin films with captions"),
            "autoplay_next": gettext_lazy("After a film, go on to the next content by itself"),
        }
        help_texts = {
            "weekly_goal_minutes": gettext_lazy("Leave it empty for no goal."),
            "captions_on": gettext_lazy("Where a film has them."),
            "autoplay_next": gettext_lazy("You can stop it each time."),
        }

        error_messages = {"weekly_goal_minutes": GOAL_ERRORS}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As the browser asks")), *languages()]
        self.fields["captions_language"].choices = _captions_languages(
            self.instance.captions_language
        )
        # One that was stored before it was renamed stays selectable.
        zones = sorted({*available_timezones(), self.instance.time_zone})
        self.fields["time_zone"].choices = [(zone, zone.replace("_", " ")) for zone in zones]


def _captions_languages(stored: str) -> list[tuple[str, str]]:
    """Every language that Django has a name for; the stored one also where it has none."""
    named = {
        code: info["name_local"]
        for code, info in LANG_INFO.items()
        if "name_local" in info and (code == "zh-hans" or code == "zh-hant" or "-" not in code)
    }
    if stored:
        named.setdefault(stored, stored)
    by_name = sorted(named.items(), key=lambda pair: pair[1].casefold())
    return [("", _("As the pages")), *((code, _capitalized(name)) for code, name in by_name)]


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]


@never_cache
@login_required
@in_own_zone
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    if "reminder-hour" in request.POST:
        reminder_form = reminders.ReminderForm(request.POST, prefix="reminder")
        if reminder_form.is_valid():
            reminders.saved(request, reminder_form)
            return redirect("account")
        return _account_page(request, AccountForm(instance=request.user), reminder_form, 400)
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        with translation.override(person.language or translation.get_language()):
            messages.success(request, _("Saved."))
        answer = redirect("account")
        if "language" in form.changed_data:
            language.remember(answer, person.language)
        return answer
    if form.errors:
        request.user.refresh_from_db()  # the page shows what is stored beside the form
    return _account_page(request, form, None, 400 if form.errors else 200)


def _account_page(
    request, form: AccountForm, reminder_form: reminders.ReminderForm | None, status: int
):
    path = calendar_feed.address(request.user)
    context = {
        "form": form,
        "calendar_url": path and request.build_absolute_uri(path),
        "has_passwords": _has_passwords(request),
        "devices": devices.rows(request),
        "kept_words": for_kept(),
        **reminders.context(request, reminder_form),
        **own_data.context(request),
    }
    return render(request, "pages/account.html", context, status=status)


@method_decorator([never_cache, passwords_only], name="dispatch")
class ChangePassword(auth.PasswordChangeView):
    """Signs out every other browser, since their sessions were begun with the old password."""

    template_name = "registration/change_password.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form):
        answer = super().form_valid(form)
        devices.end_elsewhere(self.request, self.request.user)
        done = _("Your password is changed. Other browsers and devices are signed out.")
        messages.success(self.request, done)
        return answer


@login_required
@require_POST
def keep_captions(request):
    """What was chosen in the player: `captions_on` ("on" or empty) and `captions_language`."""
    changes: dict[str, object] = {}
    if "captions_on" in request.POST:
        changes["captions_on"] = request.POST["captions_on"] == "on"
    if tag := request.POST.get("captions_language", ""):
        if not LANGUAGE_TAG.fullmatch(tag) or len(tag) > MAX_TAG:
            return HttpResponseBadRequest(f"captions_language: {_('This is not a language.')}")
        changes["captions_language"] = tag
    if changes:
        User.objects.filter(pk=request.user.pk).update(**changes)
    return HttpResponse(status=204)
