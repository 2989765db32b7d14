"""The issuer of badges: a `did:web` of this site, and its Ed25519 keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from django.conf import settings

from certificates.badges import multibase
from certificates.signing import keys

# Imported where it is used, for its cost: every process loads this module, and few sign.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

KEY_FILE = "badge_signing.pem"
MULTIKEY = b"\xed\x01"  # the prefix of an Ed25519 public key
CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class Keys:
    """The signing key, and the public keys of all accepted proofs, by multibase."""

    private: Ed25519PrivateKey
    public: dict[str, Ed25519PublicKey]


def did() -> str:
    """Returns the DID of PUBLIC_URL's host and port; "" if the site has no address."""
    host = urlsplit(settings.PUBLIC_URL).netloc
    return f"did:web:{quote(host, safe='')}" if host else ""


def signing_key() -> tuple[str, Ed25519PrivateKey]:
    """Returns the key's name (a DID URL) and the key. Raises keys.UnusableKey."""
    found = all_keys()
    return _name(next(iter(found.public))), found.private


def public_keys() -> dict[str, Ed25519PublicKey]:
    """Returns the signing key and the retired ones, by name."""
    return {_name(multikey): key for multikey, key in all_keys().public.items()}


def document() -> dict:
    """Returns the DID document: the public keys, which may make assertions."""
    methods = [
        {
            "id": _name(multikey),
            "type": "Multikey",
            "controller": did(),
            "publicKeyMultibase": multikey,
        }
        for multikey in all_keys().public
    ]
    return {
        "@context": CONTEXTS,
        "id": did(),
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _name(multikey: str) -> str:
    return f"{did()}#{multikey}"


def all_keys() -> Keys:
    """Returns the keys, read once in each process. Raises keys.UnusableKey."""
    return _all_keys(settings.BADGE_KEY, settings.STATE_DIR)


@cache
def _all_keys(path: str, state_directory) -> Keys:
    return read(keys.read("BADGE_KEY") if path else keys.made_once(KEY_FILE, _make))


def read(pem: bytes) -> Keys:
    """Reads PEM: the private key that signs, then retired ones. Raises keys.UnusableKey."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    try:
        found = [_load(block.group(0), block.group(1)) for block in PEM.finditer(pem)]
    except (ValueError, TypeError) as error:
        raise keys.UnusableKey(
            f"BADGE_KEY contains something that isn't a plain PEM key: {error}"
        ) from error
    if not found or not isinstance(found[0], Ed25519PrivateKey):
        raise keys.UnusableKey("BADGE_KEY must begin with a private Ed25519 key in PEM.")
    public = [each.public_key() if isinstance(each, Ed25519PrivateKey) else each for each in found]
    if not all(isinstance(each, Ed25519PublicKey) for each in public):
        raise keys.UnusableKey("BADGE_KEY has a key that isn't Ed25519.")
    return Keys(
        found[0],
        {multibase.encode(MULTIKEY + each.public_bytes_raw()): each for each in public},
    )


def _load(block: bytes, kind: bytes):
    from cryptography.hazmat.primitives import serialization

    if kind == b"PUBLIC KEY":
        return serialization.load_pem_public_key(block)
    return serialization.load_pem_private_key(block, password=None)


def _make() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
