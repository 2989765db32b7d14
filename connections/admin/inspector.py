"""The page that shows what a key or a session sends, with each answer, as it comes."""

from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import AuthToken
from redis.exceptions import RedisError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from connections.inspector import store, watching
from progress.models import LearningSession

SEES_SESSIONS = "progress.view_learningsession"


def visible_keys(user) -> QuerySet[AuthToken]:
    """The keys whose requests a user may see: own ones; all for superusers."""
    keys = AuthToken.objects.select_related("user").order_by("user__username", "created")
    return keys if user.is_superuser else keys.filter(user=user.pk)


def is_in_menu(user) -> bool:
    """Whether the menu, which every page has, leads here; asks the database for nothing."""
    return user.has_perm(SEES_SESSIONS)


def may_open(user) -> bool:
    """Whether the page opens: also for the owner of a key, who sees what that key sends."""
    return is_in_menu(user) or user.auth_token_set.exists()


class TargetForm(forms.Form):
    """What to watch: a key or a session that the user may see; others are as if unknown."""

    key = forms.ChoiceField(
        label=gettext_lazy("API key"), required=False, widget=UnfoldAdminSelectWidget
    )
    session = forms.CharField(
        label=gettext_lazy("or the id of a learning session"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._user = user
        keys = [(key.token_key, f"{key.token_key[:8]}… {key.user}") for key in visible_keys(user)]
        self.fields["key"].choices = [("", "–"), *keys]

    def clean_session(self):
        text = self.cleaned_data["session"].strip()
        if not text:
            return ""
        try:
            session_id = UUID(text)
        except ValueError:
            raise forms.ValidationError(_("This is not the id of a session.")) from None
        if not _visible_sessions(self._user).filter(pk=session_id).exists():
            raise forms.ValidationError(_("There is no such session."))
        return str(session_id)

    @property
    def target(self) -> str:
        """Empty for nothing."""
        if not self.is_valid():
            return ""
        if key := self.cleaned_data["key"]:
            return watching.key_target(key)
        session = self.cleaned_data["session"]
        return watching.session_target(session) if session else ""


def _visible_sessions(user) -> QuerySet[LearningSession]:
    sessions = LearningSession.objects
    return sessions.visible_to(user) if user.has_perm(SEES_SESSIONS) else sessions.none()


def page(request: HttpRequest) -> HttpResponse:
    """The page; its script asks `tail` for what is new."""
    form = _form(request)
    context = admin.site.each_context(request) | {
        "title": _("Event inspector"),
        "form": form,
        "target": form.target,
        "query": request.META["QUERY_STRING"],
    }
    if form.target:
        context |= _tail(form.target, 0)
    return TemplateResponse(request, "admin/connections/inspector.html", context)


def tail(request: HttpRequest) -> HttpResponse:
    """What came after the entry with the number `after`; goes on watching."""
    form = _form(request)
    if not form.target:
        return JsonResponse({"entries": [], "unreachable": False}, status=404)
    after = request.GET.get("after", "0")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    return JsonResponse(_tail(form.target, number))


def _form(request: HttpRequest) -> TargetForm:
    if not may_open(request.user):
        raise PermissionDenied
    asked = request.GET if {"key", "session"} & request.GET.keys() else None
    return TargetForm(request.user, asked)


def _tail(target: str, after: int) -> dict:
    try:
        watching.watch(target)
        return {"entries": store.entries(target, after), "unreachable": False}
    except RedisError:
        return {"entries": [], "unreachable": True}
