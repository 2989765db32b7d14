"""Secrets and signatures as the Standard Webhooks specification has them (version v1).

`whsec_` and 32 random bytes in base64; a signature is HMAC-SHA256 over `id.timestamp.body`. In the
database secrets are encrypted with a key derived from SECRET_KEY.
"""

import base64
import hmac
import secrets
from collections.abc import Iterable

from progress.security import encryption

PREFIX = "whsec_"
SECRET_BYTES = 32
PURPOSE = "connections.webhooks.secrets"


class UnreadableSecret(Exception):
    """The stored secret was encrypted with another SECRET_KEY."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def encrypt(secret: str) -> str:
    return encryption.encrypt(secret.encode(), PURPOSE).decode()


def decrypt(stored: str) -> str:
    """Raises UnreadableSecret."""
    try:
        return encryption.decrypt(stored.encode(), PURPOSE).decode()
    except encryption.UnreadableValue:
        raise UnreadableSecret from None


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
