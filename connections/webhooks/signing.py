"""Secrets and signatures as the Standard Webhooks specification has them (version v1).

`whsec_` and 32 random bytes in base64; a signature is HMAC-SHA256 over `id.timestamp.body`. In the
database secrets are encrypted with a key derived from SECRET_KEY.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings

# Imported where it is used, for its cost: every process loads this module, and few sign.
if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

PREFIX = "whsec_"
SECRET_BYTES = 32


class UnreadableSecret(Exception):
    """The stored secret was encrypted with another SECRET_KEY."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def encrypt(secret: str) -> str:
    return _cipher().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """Raises UnreadableSecret."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret from None


def _cipher() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    digest = hashlib.sha256(b"connections.webhooks.secrets:" + key.encode()).digest()
    return base64.urlsafe_b64encode(digest)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the signature in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def headers(
    secrets_in_use: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers; with two secrets in use the signatures of both, separated by a space."""
    signatures = [signature(each, message_id, timestamp, body) for each in secrets_in_use]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
