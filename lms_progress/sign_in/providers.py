"""The organisation's providers of sign-in, as the environment describes them.

`SIGN_IN_PROVIDERS` lists their ids; all else about the provider `entra` is in variables that begin
with `SIGN_IN_ENTRA_`. A variable that nobody reads, or a value without sense, stops the start.
"""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

OIDC, SAML = "oidc", "saml"
EMAIL, EXTERNAL_ID = "email", "external_id"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ID = re.compile("[a-z][a-z0-9]{0,29}")
# `SIGN_IN_ONLY_BY_PROVIDER` would be a variable of theirs.
_RESERVED = {"only", "providers"}
_YES, _NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}

# Where each value about a person is looked for, the first that is there.
OIDC_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "name": ("name",),
    "given_name": ("given_name",),
    "family_name": ("family_name",),
    "username": ("preferred_username",),
    "department": ("department",),
    "language": ("locale",),
    "external_id": (),
}
_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
SAML_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "email": (f"{_SOAP}emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "email", "mail"),
    "name": (
        "http://schemas.microsoft.com/identity/claims/displayname",
        "urn:oid:2.16.840.1.113730.3.1.241",
        "displayName",
    ),
    "given_name": (f"{_SOAP}givenname", "urn:oid:2.5.4.42", "givenName", "firstName"),
    "family_name": (f"{_SOAP}surname", "urn:oid:2.5.4.4", "sn", "lastName"),
    "username": (f"{_SOAP}name", "urn:oid:0.9.2342.19200300.100.1.1", "uid", "username"),
    "department": ("department",),
    "language": ("urn:oid:2.16.840.1.113730.3.1.39", "preferredLanguage"),
    "external_id": (),
}
_COMMON = {"KIND", "LABEL", "MATCH", "EMAIL_IS_VERIFIED", "CREATE", "UPDATE"}
_COMMON |= {f"CLAIM_{name.upper()}" for name in OIDC_CLAIMS}
_OF_KIND = {
    OIDC: {"ISSUER", "CLIENT_ID", "CLIENT_SECRET", "SCOPES", "END_SESSION"},
    SAML: {"METADATA", "ENTITY_ID", "SP_ENTITY_ID", "CLAIM_SUBJECT"},
}


@dataclass(frozen=True, slots=True)
class Provider:
    """`match` says by what a person's account is found when they come for the first time."""

    id: str
    kind: str
    label: str
    claims: Mapping[str, tuple[str, ...]]
    match: tuple[str, ...] = (EMAIL,)
    is_email_verified: bool = False
    creates_accounts: bool = False
    updates_accounts: bool = False
    # OIDC
    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    ends_session: bool = False
    # SAML: a URL or a file; which of its entities; this site's own id, if not its metadata's URL
    metadata: str = ""
    entity_id: str = ""
    own_entity_id: str = ""
    # The attribute that holds the subject; "": it is the name (NameID)
    subject_claim: str = ""


def from_environment(environ: Mapping[str, str]) -> dict[str, Provider]:
    """The providers by id, in the order of their buttons. Raises ImproperlyConfigured."""
    ids = [part.strip() for part in environ.get("SIGN_IN_PROVIDERS", "").split(",") if part.strip()]
    for each in ids:
        if not _ID.fullmatch(each) or each in _RESERVED or ids.count(each) > 1:
            raise ImproperlyConfigured(
                f"SIGN_IN_PROVIDERS: {each!r} must be a word of small letters and digits, once."
            )
    return {each: _Variables(each, environ).provider() for each in ids}


def only_by_provider(environ: Mapping[str, str], providers: Mapping[str, Provider]) -> bool:
    """Whether passwords are refused. Raises ImproperlyConfigured if nobody could sign in then."""
    text = environ.get("SIGN_IN_ONLY_BY_PROVIDER", "")
    is_only = _flag("SIGN_IN_ONLY_BY_PROVIDER", text)
    if is_only and not providers:
        raise ImproperlyConfigured("SIGN_IN_ONLY_BY_PROVIDER needs a provider.")
    return is_only


def _flag(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ImproperlyConfigured(f"{name} is true or false, not {text!r}.")
    return word in _YES


class _Variables:
    """The variables of one provider."""

    def __init__(self, provider_id: str, environ: Mapping[str, str]) -> None:
        self._id = provider_id
        self._prefix = f"SIGN_IN_{provider_id.upper()}_"
        start = len(self._prefix)
        self._values = {
            name[start:]: value.strip()
            for name, value in environ.items()
            if name.startswith(self._prefix)
        }

    def provider(self) -> Provider:
        kind = self._needed("KIND")
        if kind not in _OF_KIND:
            raise self._wrong("KIND", "must be oidc or saml")
        unknown = sorted(set(self._values) - _COMMON - _OF_KIND[kind])
        if unknown:
            raise self._wrong(unknown[0], f"is no setting of a provider of the kind {kind}")
        of_kind = self._oidc() if kind == OIDC else self._saml()
        return Provider(
            id=self._id,
            kind=kind,
            label=self._needed("LABEL"),
            claims=self._claims(OIDC_CLAIMS if kind == OIDC else SAML_ATTRIBUTES),
            match=self._match(),
            is_email_verified=self._is_on("EMAIL_IS_VERIFIED"),
            creates_accounts=self._is_on("CREATE"),
            updates_accounts=self._is_on("UPDATE"),
            **of_kind,
        )

    def _oidc(self) -> dict:
        issuer = self._needed("ISSUER")
        if not is_safe_url(issuer):
            raise self._wrong("ISSUER", "must begin with https://")
        scopes = tuple(self._values.get("SCOPES", "openid profile email").split())
        if "openid" not in scopes:
            raise self._wrong("SCOPES", "must have openid among them")
        return {
            "issuer": issuer,
            "client_id": self._needed("CLIENT_ID"),
            "client_secret": self._values.get("CLIENT_SECRET", ""),
            "scopes": scopes,
            "ends_session": self._is_on("END_SESSION"),
        }

    def _saml(self) -> dict:
        if importlib.util.find_spec("onelogin") is None:
            raise self._wrong("KIND", "saml needs the package python3-saml")
        metadata = self._needed("METADATA")
        if "://" in metadata and not is_safe_url(metadata):
            raise self._wrong("METADATA", "must begin with https://, or be a file")
        return {
            "metadata": metadata,
            "entity_id": self._needed("ENTITY_ID"),
            "own_entity_id": self._values.get("SP_ENTITY_ID", ""),
            "subject_claim": self._values.get("CLAIM_SUBJECT", ""),
        }

    def _claims(self, defaults: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        chosen = {name: self._values.get(f"CLAIM_{name.upper()}") for name in defaults}
        return {
            name: (claim,) if (claim := chosen[name]) else default
            for name, default in defaults.items()
        }

    def _match(self) -> tuple[str, ...]:
        text = self._values.get("MATCH", EMAIL)
        ways = tuple(part.strip() for part in text.split(",") if part.strip())
        if set(ways) - {EMAIL, EXTERNAL_ID}:
            raise self._wrong("MATCH", "may list email and external_id")
        if EXTERNAL_ID in ways and not self._values.get("CLAIM_EXTERNAL_ID"):
            raise self._wrong("CLAIM_EXTERNAL_ID", "is needed to match by external_id")
        return ways

    def _needed(self, name: str) -> str:
        if not self._values.get(name):
            raise self._wrong(name, "is needed")
        return self._values[name]

    def _is_on(self, name: str) -> bool:
        return _flag(self._prefix + name, self._values.get(name, ""))

    def _wrong(self, name: str, why: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"{self._prefix}{name} {why}.")


def is_safe_url(url: str) -> bool:
    """Whether nobody between here and there can change what is fetched."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
