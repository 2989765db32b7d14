"""SAML 2.0 by python3-saml, with what it leaves open decided strictly.

allauth keeps the state: which browser asked, with which request, and when. The library checks the
signature, the issuer and the times; that an assertion names us, this address, this request and an
end is optional to it, and needed here. It is imported only where a provider speaks SAML.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.saml.provider import SAMLProvider as LibrarySAMLProvider
from allauth.socialaccount.sessions import LoginSession
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from lxml.etree import LxmlError
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from requests import RequestException

from . import adapter, entering
from .identity import Identity, identity
from .providers import Provider, is_safe_url

logger = logging.getLogger(__name__)
METADATA_SECONDS = 4 * 3600
# Longer than the state of a sign-in lasts, so that an assertion can't outlive its entry.
USED_SECONDS = 3600
WAITING_SECONDS = 300
MAX_RESPONSE = 500_000
# Hosts without a dot are usual inside an organisation.
_INTRANET = {"allowSingleLabelDomains": True}
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_CONFIRMATION = "/samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation"
# What the library raises for answers that aren't what they should be.
UNACCEPTABLE = (
    OneLogin_Saml2_Error,
    OneLogin_Saml2_ValidationError,
    LxmlError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


class Unaccepted(Exception):
    """The message says which check failed, without anything that was sent."""


class SAMLProvider(LibrarySAMLProvider):
    """Only its state is used."""


# --- There ---------------------------------------------------------------------------------------
def begin(request: HttpRequest, provider: Provider, next_url: str) -> HttpResponse:
    """Leads to the provider, with a request that its answer has to name."""
    try:
        auth = OneLogin_Saml2_Auth(_request_data(request, provider), _settings(request, provider))
        url = auth.login(return_to="")
    except (RequestException, OSError, *UNACCEPTABLE) as error:
        return adapter.failure(request, provider, exception=error)
    adapter.allauth_provider(request, provider).stash_redirect_state(
        request, "login", next_url, state_id=auth.get_last_request_id()
    )
    return HttpResponseRedirect(url)


def metadata(request: HttpRequest, provider: Provider) -> HttpResponse:
    """What the provider needs to know about this site."""
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": _own(request, provider),
            "security": {"wantAssertionsSigned": True, **_INTRANET},
        },
        sp_validation_only=True,
    )
    return HttpResponse(settings.get_sp_metadata(), content_type="application/samlmetadata+xml")


# --- And back ------------------------------------------------------------------------------------
def receive(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Keeps the answer for a moment, and asks the browser to come again.

    The browser posts it from the provider's page, and sends no session cookie along.
    """
    answer = request.POST.get("SAMLResponse", "")
    if not 0 < len(answer) <= MAX_RESPONSE:
        return adapter.failure(request, provider, exception=Unaccepted("no response"))
    redirect = HttpResponseRedirect(reverse("sign-in-saml-finish", args=[provider.id]))
    kept = _kept(request)
    kept.store["answer"] = answer
    kept.store.set_expiry(WAITING_SECONDS)
    kept.save(redirect)
    redirect.cookies[kept.cookie_name]["httponly"] = True
    return redirect


def finish(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Checks the answer, and signs in the person that it names."""
    kept = _kept(request)
    answer = kept.store.get("answer")
    kept.delete()
    if not answer:
        raise PermissionDenied
    try:
        who, request_id = _checked(request, provider, answer)
    except RequestException as error:
        return adapter.failure(request, provider, exception=error)
    except (OSError, Unaccepted, *UNACCEPTABLE) as error:
        reason = error if isinstance(error, Unaccepted) else type(error).__name__
        logger.warning("the provider %s: %s", provider.id, reason)
        return adapter.failure(request, provider, exception=error)
    # Raises PermissionDenied if this browser hasn't asked for it in the last ten minutes.
    state = adapter.allauth_provider(request, provider).unstash_redirect_state(request, request_id)
    return entering.enter(request, provider, who, state.get("next") or "")


def _kept(request: HttpRequest) -> LoginSession:
    return LoginSession(request, "saml_answer", "saml-answer")


def _checked(request: HttpRequest, provider: Provider, answer: str) -> tuple[Identity, str]:
    """Who the provider says that this is, and which request it answers.

    Raises Unaccepted, RequestException or one of UNACCEPTABLE.
    """
    settings = OneLogin_Saml2_Settings(_settings(request, provider))
    response = OneLogin_Saml2_Response(settings, answer)
    request_id = response.get_in_response_to()
    if not request_id:
        raise Unaccepted("nobody asked for this answer")
    here = _request_data(request, provider)
    if not response.is_valid(here, request_id):
        # The library's own words quote the answer.
        raise Unaccepted("the response isn't valid")
    if settings.get_sp_data()["entityId"] not in response.get_audiences():
        raise Unaccepted("the assertion is for another audience, or for none")
    if not _is_confirmed(response, request_id, OneLogin_Saml2_Utils.get_self_url_no_query(here)):
        raise Unaccepted("the assertion isn't confirmed for this request and address")
    digest = hashlib.sha256(f"{provider.id} {response.get_assertion_id()}".encode()).hexdigest()
    if not cache.add(f"sign-in:used:{digest}", 1, USED_SECONDS):
        raise Unaccepted("the assertion was used before")
    return _identity(provider, response), request_id


def _is_confirmed(response: OneLogin_Saml2_Response, request_id: str, url: str) -> bool:
    """Whether whoever brings the assertion may: for this request, at this address, until a moment.

    There is one assertion, and its signature has been checked.
    """
    namespaces = {"samlp": Constants.NS_SAMLP, "saml": Constants.NS_SAML}
    now = OneLogin_Saml2_Utils.now()
    for confirmation in response.document.xpath(_CONFIRMATION, namespaces=namespaces):
        data = confirmation.find("saml:SubjectConfirmationData", namespaces=namespaces)
        if confirmation.get("Method") != Constants.CM_BEARER or data is None:
            continue
        is_ours = data.get("InResponseTo") == request_id and data.get("Recipient") == url
        end = data.get("NotOnOrAfter")
        if is_ours and end and OneLogin_Saml2_Utils.parse_SAML_to_time(end) > now:
            return True
    return False


def _identity(provider: Provider, response: OneLogin_Saml2_Response) -> Identity:
    attributes: dict[str, Any] = response.get_attributes()
    name = response.get_nameid()
    is_address = response.get_nameid_format() == Constants.NAMEID_EMAIL_ADDRESS
    subject: Any = name
    if provider.subject_claim:
        values = attributes.get(provider.subject_claim, [])
        subject = values[0] if len(values) == 1 else None
    elif response.get_nameid_format() == TRANSIENT:
        raise Unaccepted("the name is another one each time")
    if is_address and not any(attributes.get(each) for each in provider.claims["email"]):
        attributes = {**attributes, provider.claims["email"][0]: [name]}
    return identity(provider, subject, attributes, is_email_verified=False)


# --- What both know of each other ----------------------------------------------------------------
def _request_data(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """The request as the library wants it, at the address where answers arrive."""
    return {
        "https": "on" if request.is_secure() else "off",
        "http_host": request.get_host(),
        "script_name": "",
        "path_info": reverse("sign-in-saml", args=[provider.id]),
        "get_data": {},
        "post_data": {},
    }


def _own(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    own_metadata = reverse("sign-in-saml-metadata", args=[provider.id])
    return {
        "entityId": provider.own_entity_id or request.build_absolute_uri(own_metadata),
        "assertionConsumerService": {
            "url": request.build_absolute_uri(reverse("sign-in-saml", args=[provider.id])),
            "binding": Constants.BINDING_HTTP_POST,
        },
        "NameIDFormat": Constants.NAMEID_UNSPECIFIED,
    }


def _settings(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    return {
        "strict": True,
        "sp": _own(request, provider),
        "idp": _published(provider),
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": False,
            **_INTRANET,
            "signatureAlgorithm": Constants.RSA_SHA256,
            "digestAlgorithm": Constants.SHA256,
        },
    }


def _published(provider: Provider) -> Mapping[str, Any]:
    """The provider's addresses and certificates.

    Raises RequestException, OSError, or one of UNACCEPTABLE.
    """
    key = f"sign-in:{hashlib.sha256(provider.metadata.encode()).hexdigest()}"
    document = cache.get(key)
    if document is None:
        document = _metadata_text(provider.metadata)
        cache.set(key, document, METADATA_SECONDS)
    published = OneLogin_Saml2_IdPMetadataParser.parse(document, entity_id=provider.entity_id)
    idp = published.get("idp", {})
    if idp.get("entityId") != provider.entity_id:
        raise ValueError("The metadata has no such entity.")
    if not is_safe_url(idp["singleSignOnService"]["url"]):
        raise ValueError("The provider's address doesn't begin with https.")
    return {name: idp[name] for name in idp if name != "singleLogoutService"}


def _metadata_text(place: str) -> bytes:
    if "://" not in place:
        return Path(place).read_bytes()
    with get_adapter().get_requests_session() as session:
        answer = session.get(place)
        answer.raise_for_status()
        return answer.content
