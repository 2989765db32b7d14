"""Signatures: PAdES B-B inside a PDF, appended as an incremental update, and detached CMS.

The signature field is invisible and the update changes nothing else, so that the file stays
PDF/A-3a and PDF/UA-1. The signature forbids every later change (DocMDP).

Importing this module imports pyHanko, which costs half a second and 25 MB: import it where a file
is signed, not at the top of a module that every process loads.
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

from asn1crypto import keys as der_keys
from asn1crypto import x509 as der_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .identity import Identity, signing_identity

FIELD = "Issuer"
# Bytes of a signature beside its certificates: digests, the issuer's name, the signature itself.
ROOM = 2048


def sign(pdf: bytes) -> tuple[bytes, str]:
    """Returns the file with the issuer's signature, and the signer's name.

    Signing the same file twice gives different bytes: ECDSA has a random part, and the signature
    states the time. Raises keys.UnusableKey.
    """
    identity = signing_identity()
    # pyHanko needs an event loop of its own, which a thread that has one running can't start.
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(_append, pdf, identity).result(), identity.name


def _append(pdf: bytes, identity: Identity) -> bytes:
    certificates = [each.public_bytes(serialization.Encoding.DER) for each in identity.chain]
    signature = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name=identity.name,
    )
    field = fields.SigFieldSpec(
        FIELD,
        readable_field_name="Signature of the issuer",
        # PDF/A forbids the hidden flag; PDF/UA wants what is on the page in its structure.
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    )
    signer = _Pdf17Signer(signature, _signer(certificates, identity), new_field_spec=field)
    signed = signer.sign_pdf(_Update(io.BytesIO(pdf)), bytes_reserved=_room(certificates))
    return signed.getvalue()


def sign_detached(digest: bytes) -> bytes:
    """Returns a detached CMS signature (DER), with the chain in it, of the file with this SHA-256.

    Raises keys.UnusableKey.
    """
    identity = signing_identity()
    certificates = [each.public_bytes(serialization.Encoding.DER) for each in identity.chain]
    with ThreadPoolExecutor(max_workers=1) as aside:
        signing = aside.submit(
            lambda: asyncio.run(_signer(certificates, identity).async_sign(digest, "sha256"))
        )
        return signing.result().dump()


class _Pdf17Signer(signers.PdfSigner):
    def register_extensions(self, pdf_out, *, md_algorithm):
        # pyHanko would make it PDF 2.0 for the curve; PDF/A-3 is PDF 1.7, and PAdES extends that.
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _Update(IncrementalPdfFileWriter):
    def _update_meta(self):
        """Does nothing: rewritten metadata would lose the prefixes that PDF/A asks for."""


def _signer(certificates: list[bytes], identity: Identity) -> signers.SimpleSigner:
    parsed = [der_x509.Certificate.load(each) for each in certificates]
    key = identity.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return signers.SimpleSigner(
        signing_cert=parsed[0],
        signing_key=der_keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore.from_certs(parsed[1:]),
    )


def _room(certificates: list[bytes]) -> int:
    """Returns how many hexadecimal digits to reserve for a signature before it is made."""
    return 2 * (sum(map(len, certificates)) + ROOM)
