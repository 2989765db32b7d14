"""The signature in a file: PAdES B-B, by pyHanko, as an update that is appended.

Its field has no place on the page, and the update leaves everything else alone, so that the file
stays PDF/A-3a and PDF/UA-1. Whatever is appended later is forbidden by it (DocMDP).
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

from certificates.signing import Identity

FIELD = "Issuer"
# What a signature holds beside certificates: digests, the issuer's name again, the signature.
ROOM = 2048


def append(pdf: bytes, who: Identity) -> bytes:
    """The file, with a signature of all of it."""
    # pyHanko needs an event loop of its own, which a thread that has one running can't start.
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(_append, pdf, who).result()


def _append(pdf: bytes, who: Identity) -> bytes:
    certificates = [each.public_bytes(serialization.Encoding.DER) for each in who.chain]
    signature = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name=who.name,
    )
    place = fields.SigFieldSpec(
        FIELD,
        readable_field_name="Signature of the issuer",
        # PDF/A forbids the hidden flag; PDF/UA wants what is on the page in its structure.
        invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    )
    signer = _Pdf17Signer(signature, _signer(certificates, who), new_field_spec=place)
    signed = signer.sign_pdf(_Update(io.BytesIO(pdf)), bytes_reserved=_room(certificates))
    return signed.getvalue()


def detached(digest: bytes, who: Identity) -> bytes:
    """A CMS signature (DER) beside a file whose SHA-256 this is, with the chain in it."""
    certificates = [each.public_bytes(serialization.Encoding.DER) for each in who.chain]
    with ThreadPoolExecutor(max_workers=1) as aside:
        signing = aside.submit(
            lambda: asyncio.run(_signer(certificates, who).async_sign(digest, "sha256"))
        )
        return signing.result().dump()


class _Pdf17Signer(signers.PdfSigner):
    def register_extensions(self, pdf_out, *, md_algorithm):
        # pyHanko would make it PDF 2.0 for the curve; PDF/A-3 is PDF 1.7, and PAdES extends that.
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _Update(IncrementalPdfFileWriter):
    def _update_meta(self):
        """Nothing: rewritten metadata would lose the prefixes that PDF/A asks for."""


def _signer(certificates: list[bytes], who: Identity) -> signers.SimpleSigner:
    parsed = [der_x509.Certificate.load(each) for each in certificates]
    key = who.key.private_bytes(
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
    """Hexadecimal digits that a signature is given, known before it is made."""
    return 2 * (sum(map(len, certificates)) + ROOM)
