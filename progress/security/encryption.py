"""What the database keeps encrypted: a copy of it alone gives away no secret.

The keys are derived from SECRET_KEY, one for each purpose; what SECRET_KEY_FALLBACKS encrypted can
still be read.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from django.conf import settings

# Imported where it is used, for its cost: every process loads this module, and few encrypt.
if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class UnreadableValue(Exception):
    """It was encrypted with another SECRET_KEY, or not at all."""


def encrypt(value: bytes, purpose: str) -> bytes:
    return _cipher(purpose).encrypt(value)


def decrypt(stored: bytes, purpose: str) -> bytes:
    """Raises UnreadableValue."""
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(purpose).decrypt(stored)
    except InvalidToken:
        raise UnreadableValue from None


def _cipher(purpose: str) -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(purpose, key)) for key in keys])


def _derived(purpose: str, key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{key}".encode()).digest())
