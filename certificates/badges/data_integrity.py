"""Proofs in a document: Data Integrity with the cryptosuite eddsa-rdfc-2022 (W3C).

What is signed are two hashes: of the proof's options, then of the document without its proof, both
in canonical form.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from certificates.badges import linked_data, multibase

from .linked_data import Refused

# Imported where it is used, for its cost: every process loads this module, and few sign.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SUITE = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}
PURPOSE = "assertionMethod"


def prove(document: dict, key: Ed25519PrivateKey, *, method: str, created: str) -> dict:
    """Returns the document with its proof; `method` is the key's name. Deterministic."""
    proof = {
        **SUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
    }
    signature = key.sign(_signed(document, proof))
    return document | {"proof": proof | {"proofValue": multibase.encode(signature)}}


def check(document: dict, keys: dict[str, Ed25519PublicKey]) -> None:
    """Raises Refused unless one of `keys`, by name, signed exactly this document."""
    from cryptography.exceptions import InvalidSignature

    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise Refused(_("It has no proof, or several."))
    if {name: proof.get(name) for name in SUITE} != SUITE or proof.get("proofPurpose") != PURPOSE:
        raise Refused(_("Its proof is of another kind."))
    method, value = proof.get("verificationMethod"), proof.get("proofValue")
    if not isinstance(method, str) or method not in keys:
        raise Refused(_("Its proof names a key that isn't this issuer's."))
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    try:
        signature = multibase.decode(value) if isinstance(value, str) else b""
        keys[method].verify(signature, _signed(unsigned, options))
    except (InvalidSignature, ValueError) as error:
        raise Refused(_("Its proof doesn't match what it says.")) from error


def _signed(document: dict, options: dict) -> bytes:
    contexts = {"@context": document.get("@context")}
    return b"".join(
        hashlib.sha256(linked_data.canonical(part)).digest()
        for part in (contexts | options, document)
    )
