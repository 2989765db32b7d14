"""OpenID Connect by allauth, with what it leaves out: a nonce, and a token that is always checked.

allauth keeps the state (which browser began, and when), asks with PKCE, and fetches the tokens. It
trusts an ID token that came straight from the provider; here its signature, issuer, audience,
times and nonce are checked each time.
"""

import base64
import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from requests import RequestException

from . import adapter, identity
from .providers import Provider, is_safe_url

logger = logging.getLogger(__name__)
DOCUMENT_SECONDS = 3600
# A key that we don't know yet may be new; who sends many such keys must not make us ask as often.
KEYS_AGAIN_SECONDS = 60
CLOCK_SKEW_SECONDS = 60
# Signatures that only the provider can make: a shared secret or none at all isn't among them.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nonce"]


class Client(OpenIDConnectOAuth2Adapter):
    """Speaks with one provider. `nonce` and `id_token` are those of the sign-in under way."""

    nonce = ""

    @property
    def configured(self) -> Provider:
        return adapter.configured(self.provider_id)

    @property
    def openid_config(self):
        return discovered(self.configured)

    @property
    def basic_auth(self):
        # Where the provider doesn't say, basic authentication is the standard's default.
        default = ["client_secret_basic"]
        methods = self.openid_config.get("token_endpoint_auth_methods_supported", default)
        return bool(self.configured.client_secret) and "client_secret_post" not in methods

    def get_callback_url(self, request, app):
        return request.build_absolute_uri(reverse("sign-in-callback", args=[self.provider_id]))

    def complete_login(self, request, app, token, *, response, **kwargs):
        id_token = response.get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("There is no ID token.")
        try:
            claims = self._checked(id_token, token.token)
            userinfo = self._fetch_user_info(token.token) if self._has_userinfo() else {}
            who = identity.from_oidc(self.configured, claims, userinfo)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise OAuth2Error("The ID token isn't accepted.") from wrong
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        login.identity, login.id_token = who, id_token
        return login

    def _has_userinfo(self) -> bool:
        return bool(self.openid_config.get("userinfo_endpoint"))

    def _checked(self, id_token: str, access_token: str) -> dict[str, Any]:
        """The claims of a token that this provider signed for this sign-in, and that is valid now.

        Raises PyJWTError.
        """
        config, client_id = self.openid_config, self.configured.client_id
        header = jwt.get_unverified_header(id_token)
        if header.get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError("An ID token needs a signature of the provider.")
        claims = jwt.decode(
            id_token,
            signing_key(config["jwks_uri"], header),
            algorithms=[header["alg"]],
            audience=client_id,
            issuer=config["issuer"],
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": REQUIRED_CLAIMS},
        )
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != client_id:
            raise jwt.InvalidAudienceError("The token was made for another client.")
        if not self.nonce or not hmac.compare_digest(str(claims["nonce"]), self.nonce):
            raise jwt.InvalidTokenError("The token belongs to another sign-in.")
        if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token, header["alg"]):
            raise jwt.InvalidTokenError("The access token belongs to another ID token.")
        return claims


class OIDCProvider(OpenIDConnectProvider):
    oauth2_adapter_class = Client
    pkce_enabled_default = True

    def extract_extra_data(self, data):
        return {}  # what isn't needed isn't kept

    def extract_common_fields(self, data):
        return {}

    def extract_email_addresses(self, data):
        return []

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        nonce = secrets.token_urlsafe(24)
        return super().redirect(
            request, process, next_url, data, auth_params={"nonce": nonce}, nonce=nonce
        )


class Callback(OAuth2CallbackView):
    """The provider's answer, once for each sign-in that this browser began."""

    def _get_state(self, request, provider):
        state, answer = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, answer


def begin(request: HttpRequest, provider: Provider, next_url: str):
    """Leads to the provider."""
    try:
        return adapter.allauth_provider(request, provider).redirect(request, "login", next_url)
    except (RequestException, OAuth2Error, KeyError, ValueError) as error:
        return adapter.failure(request, provider, exception=error)


def callback(request: HttpRequest, provider: Provider):
    # Says which provider answers (RFC 9207), where it says so at all.
    answering = request.GET.get("iss")
    if answering is not None and answering != provider.issuer:
        return adapter.failure(request, provider, exception=OAuth2Error())
    try:
        return Callback.adapter_view(Client(request, provider.id))(request)
    except (KeyError, ValueError, TypeError) as error:
        # allauth takes for granted that the answers are of the standard's form.
        return adapter.failure(request, provider, exception=error)


def end_session_url(request: HttpRequest, provider: Provider, id_token: str) -> str | None:
    """Where the provider ends its own session; None if it can't be asked."""
    try:
        endpoint = discovered(provider).get("end_session_endpoint", "")
    except (RequestException, OAuth2Error, ValueError):
        logger.warning("the provider %s can't be asked to end its session", provider.id)
        return None
    if not is_safe_url(endpoint):
        return None
    parameters = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": request.build_absolute_uri(reverse("login")),
    }
    if id_token:
        parameters["id_token_hint"] = id_token
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"


# --- What providers publish ----------------------------------------------------------------------
def discovered(provider: Provider) -> dict[str, Any]:
    """What the provider says about itself. Raises RequestException, OAuth2Error."""
    url = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    config = _document(url)
    if config.get("issuer") != provider.issuer:
        raise OAuth2Error("The provider has another issuer than is configured.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe_url(str(config.get(name, ""))):
            raise OAuth2Error(f"The provider has no {name} that begins with https.")
    return config


def signing_key(url: str, header: Mapping[str, Any]) -> jwt.PyJWK:
    """Raises PyJWTError, RequestException."""
    found = _key_of(_document(url), header)
    if found is None and cache.add(f"{_cache_key(url)}:again", 1, KEYS_AGAIN_SECONDS):
        found = _key_of(_document(url, is_new=True), header)
    if found is None:
        raise jwt.InvalidKeyError("The provider has no such key.")
    return found


def _key_of(document: dict, header: Mapping[str, Any]) -> jwt.PyJWK | None:
    keys = [key for key in document.get("keys", []) if key.get("use", "sig") == "sig"]
    if header.get("kid"):
        keys = [key for key in keys if key.get("kid") == header["kid"]]
    if len(keys) != 1:
        return None
    key = jwt.PyJWK(keys[0], keys[0].get("alg") or header["alg"])
    return key if key.algorithm_name == header["alg"] else None


def _document(url: str, *, is_new: bool = False) -> dict:
    key = _cache_key(url)
    document = None if is_new else cache.get(key)
    if document is None:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url, headers={"Accept": "application/json"})
            answer.raise_for_status()
            document = answer.json()
        if not isinstance(document, dict):
            raise OAuth2Error("The provider's document isn't an object.")
        cache.set(key, document, DOCUMENT_SECONDS)
    return document


def _cache_key(url: str) -> str:
    return f"sign-in:{hashlib.sha256(url.encode()).hexdigest()}"


def _half_hash(text: str, algorithm: str) -> str:
    """The left half of a text's hash, as `at_hash` has it."""
    size = algorithm[2:] if algorithm[2:] in {"384", "512"} else "256"
    size = "512" if algorithm == "EdDSA" else size
    digest = hashlib.new(f"sha{size}", text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
