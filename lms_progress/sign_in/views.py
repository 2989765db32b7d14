"""The addresses of signing in by a provider. The pages themselves are the base app's."""

from collections.abc import Callable
from functools import wraps

from allauth.core import context
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from progress.pages.account import SignIn, first_page
from progress.security.throttling import AddressThrottle

from .doors import next_page
from .providers import OIDC, SAML, Provider


class ProviderThrottle(AddressThrottle):
    """A whole school may sign in from one address on a morning; each takes three requests."""

    scope = "provider_sign_in"
    rate = "6000/hour"


def of_provider(kind: str | None = None) -> Callable:
    """Gives the view its provider: 404 for an unknown one, or one of another kind."""

    def decorator(view: Callable[[HttpRequest, Provider], HttpResponse]):
        @wraps(view)
        @never_cache
        def opened(request: HttpRequest, provider_id: str) -> HttpResponse:
            provider = settings.SIGN_IN_PROVIDERS.get(provider_id)
            if provider is None or kind not in (None, provider.kind):
                raise Http404("No such provider")
            # Imported here for its cost: only where there is a provider.
            from . import adapter, entering

            if not ProviderThrottle().allow_request(request, None):
                return entering.refused(request, provider, entering.TOO_MANY)
            with context.request_context(request):
                try:
                    return view(request, provider)
                except PermissionDenied as error:
                    # No sign-in of this browser is waiting for this answer.
                    return adapter.failure(request, provider, exception=error)

        return opened

    return decorator


@of_provider()
@require_GET
def begin(request: HttpRequest, provider: Provider) -> HttpResponse:
    """A link may lead here from another site: signing in begins and ends with this browser."""
    if request.user.is_authenticated:
        return redirect(next_page(request) or first_page(request.user))
    if provider.kind == OIDC:
        from . import oidc

        return oidc.begin(request, provider, next_page(request))
    from . import saml

    return saml.begin(request, provider, next_page(request))


@of_provider(OIDC)
@require_GET
def callback(request: HttpRequest, provider: Provider) -> HttpResponse:
    from . import oidc

    return oidc.callback(request, provider)


@csrf_exempt
@of_provider(SAML)
@require_POST
def receive_saml(request: HttpRequest, provider: Provider) -> HttpResponse:
    from . import saml

    return saml.receive(request, provider)


@of_provider(SAML)
@require_GET
def finish_saml(request: HttpRequest, provider: Provider) -> HttpResponse:
    from . import saml

    return saml.finish(request, provider)


@of_provider(SAML)
@require_GET
def metadata(request: HttpRequest, provider: Provider) -> HttpResponse:
    from . import saml

    return saml.metadata(request, provider)


# --- Beside providers ----------------------------------------------------------------------------
class EmergencyForm(AuthenticationForm):
    """Superusers only: they repair a provider that lets nobody in."""

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if not user.is_superuser:
            raise ValidationError(self.get_invalid_login_error())


class EmergencySignIn(SignIn):
    """The password form where people otherwise sign in through a provider only."""

    authentication_form = EmergencyForm
    is_emergency = True

    def dispatch(self, request, *args, **kwargs):
        if not settings.SIGN_IN_ONLY_BY_PROVIDER:
            return redirect("login")
        request.is_emergency = True
        return super().dispatch(request, *args, **kwargs)
