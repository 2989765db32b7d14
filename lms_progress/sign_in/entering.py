"""The end of a sign-in at a provider: a session here, or a page that says why there is none."""

import logging

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from progress.pages import language
from progress.pages.account import first_page
from progress.validation.languages import closest

from . import admission
from .admission import Reason, Refused
from .doors import SESSION_KEY
from .identity import Identity
from .providers import Provider

logger = logging.getLogger(__name__)
# A session is checked by it at each request; it refuses accounts that aren't active.
BACKEND = "django.contrib.auth.backends.ModelBackend"
# Why a provider's answer wasn't accepted.
FAILED, CANCELLED, UNREACHABLE, TOO_MANY = "failed", "cancelled", "unreachable", "too_many"
_STATUS = {CANCELLED: 200, UNREACHABLE: 502, FAILED: 400, TOO_MANY: 429}


def enter(
    request: HttpRequest, provider: Provider, identity: Identity, next_url: str, id_token: str = ""
) -> HttpResponse:
    """Signs the person in and leads on; or says why not."""
    try:
        user = admission.admit(provider, identity)
    except Refused as refusal:
        return refused(request, provider, refusal.reason, email=identity.email)
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    login(request, user, backend=BACKEND)
    kept = {"provider": provider.id}
    if provider.ends_session:
        kept["id_token"] = id_token
    request.session[SESSION_KEY] = kept
    answer = redirect(next_url or first_page(user))
    wanted = user.language
    if not wanted and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        wanted = closest(identity.language)
    if wanted:
        language.remember(answer, wanted)
    return answer


def refused(
    request: HttpRequest, provider: Provider, reason: str, *, email: str = ""
) -> HttpResponse:
    """The page that says why someone isn't signed in, and what to do."""
    logger.info("sign-in by the provider %s is refused: %s", provider.id, reason)
    title, text = _words(reason)
    context = {
        "title": title,
        "text": text % {"provider": provider.label},
        "email": email,
        "provider": provider,
    }
    status = _STATUS.get(reason, 403)
    return render(request, "sign_in/refused.html", context, status=status)


def _words(reason: str) -> tuple[str, str]:
    if reason == Reason.NO_ACCOUNT:
        return _("There is no account for you here yet"), _(
            "You are signed in at %(provider)s, but there is no learning account for you. Ask the "
            "person who looks after learning in your organisation to add you."
        )
    if reason == Reason.DEACTIVATED:
        return _("Your account is closed"), _(
            "If you think that this is a mistake, ask the person who looks after learning in your "
            "organisation."
        )
    if reason in set(Reason):
        return _("Your account has to be linked first"), _(
            "Ask an administrator to link your account here to your account at %(provider)s. Then "
            "try again."
        )
    if reason == CANCELLED:
        return _("You are not signed in"), _("Signing in at %(provider)s was cancelled.")
    if reason == UNREACHABLE:
        return _("Signing in isn’t possible at the moment"), _(
            "%(provider)s can’t be reached. Please try again in a few minutes."
        )
    if reason == TOO_MANY:
        return _("Too many requests"), _("Too many sign-ins from here. Please try again later.")
    return _("Signing in didn’t work"), _(
        "The answer of %(provider)s could not be accepted. Please try again. If it happens again, "
        "tell the person who looks after your account."
    )
