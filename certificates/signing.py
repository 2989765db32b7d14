"""The signature in a certificate's file: PAdES B-B, by the issuer's key on P-256.

The field has no place on the page, and the update that adds it leaves everything else alone, so
that the file stays PDF/A-3a and PDF/UA-1. Whatever is appended later is forbidden by it (DocMDP).
"""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from asn1crypto import keys as der_keys
from asn1crypto import x509 as der_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates import demo_authority, keys

MADE = "certificate_signing.pem"
FIELD = "Issuer"
# What a signature holds beside certificates: digests, the issuer's name again, the signature.
ROOM = 2048


@dataclass(frozen=True)
class Identity:
    """Who signs: the key, its certificate first in the chain, and the name to show."""

    key: ec.EllipticCurvePrivateKey
    chain: list[x509.Certificate]

    @property
    def name(self) -> str:
        subject = self.chain[0].subject
        for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            for found in subject.get_attributes_for_oid(kind):
                return str(found.value)
        return subject.rfc4514_string()

    def signer(self) -> signers.SimpleSigner:
        certificates = [
            der_x509.Certificate.load(each.public_bytes(serialization.Encoding.DER))
            for each in self.chain
        ]
        key = self.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return signers.SimpleSigner(
            signing_cert=certificates[0],
            signing_key=der_keys.PrivateKeyInfo.load(key),
            cert_registry=SimpleCertificateStore.from_certs(certificates[1:]),
        )

    def room(self) -> int:
        """Hexadecimal digits that a signature is given, known before it is made."""
        certificates = (each.public_bytes(serialization.Encoding.DER) for each in self.chain)
        return 2 * (sum(map(len, certificates)) + ROOM)


def sign(pdf: bytes) -> tuple[bytes, str]:
    """The file with the issuer's signature, and whose that is. Raises keys.UnusableKey.

    The same file signed twice makes other bytes: ECDSA has a random part, and it tells the time.
    """
    who = identity()
    # pyHanko needs an event loop of its own, which a thread that has one running can't start.
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(_sign, pdf, who).result(), who.name


def _sign(pdf: bytes, who: Identity) -> bytes:
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
    signer = _Signer(signature, who.signer(), new_field_spec=place)
    signed = signer.sign_pdf(_Update(io.BytesIO(pdf)), bytes_reserved=who.room())
    return signed.getvalue()


class _Signer(signers.PdfSigner):
    def register_extensions(self, pdf_out, *, md_algorithm):
        # pyHanko would make it PDF 2.0 for the curve; PDF/A-3 is PDF 1.7, and PAdES extends that.
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _Update(IncrementalPdfFileWriter):
    def _update_meta(self):
        """Nothing: rewritten metadata would lose the prefixes that PDF/A asks for."""


def identity() -> Identity:
    """Who signs, read once for each process. Raises keys.UnusableKey."""
    return _identity(settings.CERTIFICATE_KEY, settings.CERTIFICATE_CHAIN, settings.STATE_DIR)


@cache
def _identity(key: str, chain: str, state_directory) -> Identity:
    if key or chain:
        return read(keys.read("CERTIFICATE_KEY"), keys.read("CERTIFICATE_CHAIN"))
    both = keys.made_once(MADE, lambda: demo_authority.make(settings.CERTIFICATE_ISSUER))
    return read(both, both)


def read(key: bytes, chain: bytes) -> Identity:
    """Of a PEM key and the PEM certificates of its chain. Raises keys.UnusableKey."""
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
