"""Where a person is signed in, on the account's page, and signing out there."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from progress.ingest import deactivating
from progress.models import SignIn, User
from progress.security import sign_ins

from .language import knows_person

# The service worker reads it: what is kept is shown to the person of the page seen last only.
SIGNED_IN_AS = "Signed-In-As"
NOBODY = "nobody"


class NotedSignIns:
    """Middleware: a browser's use is noted when it has got a page, which says whose it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_known = knows_person(request)
        response = self._get_response(request)
        is_here = is_known and request.user.is_authenticated
        if is_here:
            sign_ins.note(request, request.user, timezone.now())
        if response.get("Content-Type", "").startswith("text/html"):
            response[SIGNED_IN_AS] = str(request.user.pk) if is_here else NOBODY
        return response


def rows(request: HttpRequest) -> list[dict]:
    """Each browser in words, this one first."""
    now = timezone.now()
    sign_ins.note(request, request.user, now)
    here = request.session.session_key
    found = sign_ins.of(request.user, now)
    found.sort(key=lambda each: each.session_key != here)
    return [
        {
            "id": each.pk,
            "name": _name(each),
            "seen_at": each.seen_at,
            "signed_in_at": each.signed_in_at,
            "is_here": each.session_key == here,
        }
        for each in found
    ]


def _name(sign_in: SignIn) -> str:
    if sign_in.browser and sign_in.system:
        names = {"browser": sign_in.browser, "system": sign_in.system}
        return _("%(browser)s on %(system)s") % names
    return sign_in.browser or sign_in.system or _("A browser that doesn't say what it is")


@login_required
@require_POST
def sign_out_device(request, sign_in_id: int):
    """Signs one other browser out."""
    here = request.session.session_key
    is_here = SignIn.objects.filter(pk=sign_in_id, session_key=here).exists()
    if is_here or not sign_ins.end(request.user, sign_in_id):
        raise Http404
    deactivating.end_open([request.user.pk], now=timezone.now())
    messages.success(request, _("That device is signed out."))
    return redirect("account")


@login_required
@require_POST
def sign_out_elsewhere(request):
    request.user.sign_out_everywhere()
    update_session_auth_hash(request, request.user)
    end_elsewhere(request, request.user)
    messages.success(request, _("Other browsers and devices are signed out."))
    return redirect("account")


def end_elsewhere(request: HttpRequest, user: User) -> None:
    """Ends what the person has open in other browsers, whose sessions aren't valid any more."""
    sign_ins.forget_others(user, request.session.session_key)
    deactivating.end_open([user.pk], now=timezone.now())
