"""Where allauth asks us: which providers there are, who is let in, what a failure looks like."""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.http import Http404, HttpRequest
from requests import RequestException

from . import entering
from .providers import OIDC, Provider

logger = logging.getLogger(__name__)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """The setting SOCIALACCOUNT_ADAPTER. Providers come from the environment, none from tables."""

    def get_provider(self, request, provider, client_id=None):
        return allauth_provider(request, configured(provider))

    def list_apps(self, request, provider=None, client_id=None):
        return []

    def pre_social_login(self, request, sociallogin):
        """Ends allauth's part: it has made sure who someone is, and we decide what follows."""
        answer = entering.enter(
            request,
            configured(sociallogin.account.provider),
            sociallogin.identity,
            sociallogin.state.get("next") or "",
            sociallogin.id_token,
        )
        raise ImmediateHttpResponse(answer)

    def on_authentication_error(
        self, request, provider, error=None, exception=None, extra_context=None
    ):
        raise ImmediateHttpResponse(
            failure(request, configured(provider.sub_id), error=error, exception=exception)
        )


def configured(provider_id: str) -> Provider:
    """Raises Http404."""
    found = settings.SIGN_IN_PROVIDERS.get(provider_id)
    if found is None:
        raise Http404("No such provider")
    return found


def allauth_provider(request: HttpRequest, provider: Provider):
    """The provider as allauth knows one."""
    if provider.kind == OIDC:
        from .oidc import OIDCProvider as kind
    else:
        # Imported here for its cost, and because its library is installed only where it is used.
        from .saml import SAMLProvider as kind
    app = SocialApp(
        provider=kind.id,
        provider_id=provider.id,
        name=provider.label,
        client_id=provider.client_id or provider.id,
        secret=provider.client_secret,
        settings={"server_url": provider.issuer, "scope": list(provider.scopes)},
    )
    return kind(request, app=app)


def failure(request, provider: Provider, *, error=None, exception: Exception | None = None):
    """The page for a sign-in that the provider or its answer stopped."""
    if error == AuthError.CANCELLED:
        return entering.refused(request, provider, entering.CANCELLED)
    # Its message may quote the answer: an address, or a token.
    cause = exception.__cause__ if exception and exception.__cause__ else exception
    logger.warning(
        "the answer of the provider %s isn't accepted: %s",
        provider.id,
        type(cause).__name__ if cause else "no sign-in of this browser is waiting for it",
    )
    is_away = isinstance(exception, RequestException)
    return entering.refused(request, provider, entering.UNREACHABLE if is_away else entering.FAILED)
