"""Who a provider says that someone is. Pure: what it sent in, checked texts out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from progress.validation.usernames import normalized_address

from .providers import Provider

MAX_SUBJECT = 191


@dataclass(frozen=True, slots=True)
class Identity:
    """`subject` never changes and is nobody else's at this provider. `email` is a verified one."""

    subject: str
    email: str = ""
    name: str = ""
    username: str = ""
    department: str = ""
    language: str = ""
    external_id: str = ""


def identity(
    provider: Provider, subject: Any, values: Mapping[str, Any], *, is_email_verified: bool
) -> Identity:
    """Raises ValueError for a subject that can't be kept."""
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or "\0" in subject:
        raise ValueError("The subject isn't a text of at most 191 characters.")
    texts = {field: _text(values, names) for field, names in provider.claims.items()}
    both = f"{texts.pop('given_name')} {texts.pop('family_name')}".strip()
    found = Identity(subject=subject, **texts)
    is_verified = is_email_verified or provider.is_email_verified
    email = normalized_address(found.email) if is_verified else ""
    return replace(found, name=found.name or both, email=email)


def from_oidc(
    provider: Provider, token: Mapping[str, Any], userinfo: Mapping[str, Any]
) -> Identity:
    """From a checked ID token, completed by what the userinfo endpoint says of the same subject.

    Raises ValueError if that is about someone else.
    """
    if userinfo and userinfo.get("sub") != token["sub"]:
        raise ValueError("The userinfo is about another subject.")
    # An address and whether it is verified must come from one place.
    email_names = (*provider.claims["email"], "email_verified")
    source = token if "email_verified" in token or "email_verified" not in userinfo else userinfo
    values = {**userinfo, **token}
    values = {name: value for name, value in values.items() if name not in email_names}
    values |= {name: source[name] for name in email_names if name in source}
    is_verified = values.get("email_verified") in (True, "true")
    return identity(provider, token["sub"], values, is_email_verified=is_verified)


def _text(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = values.get(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str) and value.strip() and "\0" not in value:
            return value.strip()
    return ""
