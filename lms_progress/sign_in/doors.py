"""What the pages of the base app need to know about providers. Cheap where there is none."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

# In a session that a provider began: {provider, id_token}; the token only if it ends sessions.
SESSION_KEY = "sign_in"


def choices(request: HttpRequest) -> dict | None:
    """The slot `sign_in`."""
    if not settings.SIGN_IN_PROVIDERS:
        return None
    after = next_page(request)
    query = f"?{urlencode({'next': after})}" if after else ""
    return {
        "providers": [
            {"label": each.label, "url": reverse("sign-in", args=[each.id]) + query}
            for each in settings.SIGN_IN_PROVIDERS.values()
        ],
        "has_passwords": not settings.SIGN_IN_ONLY_BY_PROVIDER,
    }


def next_page(request: HttpRequest) -> str:
    """The page of this site that `next` names, or ""."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


def provider_sign_out(request: HttpRequest) -> str | None:
    """The slot `provider_sign_out`."""
    begun = request.session.get(SESSION_KEY) if settings.SIGN_IN_PROVIDERS else None
    provider = begun and settings.SIGN_IN_PROVIDERS.get(begun["provider"])
    if not provider or not provider.ends_session:
        return None
    # Imported here for its cost: only where there is a provider.
    from . import oidc

    return oidc.end_session_url(request, provider, begun.get("id_token", ""))
