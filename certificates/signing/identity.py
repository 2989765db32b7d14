"""The issuer's identity, which signs files: a key on P-256 and its certificate chain."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from certificates import slots
from certificates.signing import keys

# Imported where it is used, for its cost: every process loads this module, and few sign.
if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

logger = logging.getLogger(__name__)
KEY_FILE = "certificate_signing.pem"


@dataclass(frozen=True)
class Identity:
    """The key, the chain with its certificate first, and the name to show."""

    key: ec.EllipticCurvePrivateKey
    chain: list[x509.Certificate]

    @property
    def name(self) -> str:
        from cryptography.x509.oid import NameOID

        subject = self.chain[0].subject
        for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            for found in subject.get_attributes_for_oid(kind):
                return str(found.value)
        return subject.rfc4514_string()


def signing_identity() -> Identity:
    """Returns the issuer's identity, read once in each process. Raises keys.UnusableKey."""
    return _signing_identity(
        settings.CERTIFICATE_KEY, settings.CERTIFICATE_CHAIN, settings.STATE_DIR
    )


@cache
def _signing_identity(key: str, chain: str, state_directory) -> Identity:
    if key or chain:
        return read(keys.read("CERTIFICATE_KEY"), keys.read("CERTIFICATE_CHAIN"))
    logger.warning("CERTIFICATE_KEY isn't set: the key that signs is known to nobody but this site")
    both = keys.made_once(KEY_FILE, _make)
    return read(both, both)


def _make() -> bytes:
    pem = slots.signing_identity(settings.CERTIFICATE_ISSUER)
    if pem is None:
        raise keys.UnusableKey("CERTIFICATE_KEY isn't set.")
    return pem


def read(key: bytes, chain: bytes) -> Identity:
    """Reads a PEM key and the PEM certificates of its chain. Raises keys.UnusableKey."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        private = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise keys.UnusableKey(f"CERTIFICATE_KEY isn't a plain PEM key: {error}") from error
    if not (
        isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1)
    ):
        raise keys.UnusableKey("CERTIFICATE_KEY must be an EC key on the curve P-256.")
    try:
        certificates = x509.load_pem_x509_certificates(chain)
    except ValueError as error:
        raise keys.UnusableKey(f"CERTIFICATE_CHAIN has no PEM certificates: {error}") from error
    if certificates[0].public_key() != private.public_key():
        raise keys.UnusableKey(
            "CERTIFICATE_KEY doesn't belong to the first certificate of CERTIFICATE_CHAIN."
        )
    return Identity(private, certificates)
