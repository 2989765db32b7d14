"""A certificate authority for a demo, which signs one certificate and forgets its key.

It isn't trusted by anyone, so readers show such a signature as intact, but of unknown origin.
"""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS = 10


def make(issuer: str) -> bytes:
    """PEM: a key, its certificate, and the authority's certificate."""
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = datetime.now(UTC)
    root = _certificate(f"{issuer} demo authority", None, authority, authority, now)
    signing = _certificate(f"{issuer} (demo)", root, key, authority, now)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = [each.public_bytes(serialization.Encoding.PEM) for each in (signing, root)]
    return b"".join([private, *public])


def _certificate(name, root, key, authority, now) -> x509.Certificate:
    """A certificate of `name` and its key, signed by the authority, or by itself without `root`."""
    # X.509 allows 64 characters.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    is_root = root is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if is_root else root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks differ: it is also valid for computers that are an hour behind.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), True)
        .add_extension(_usage(is_root), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False
        )
    )
    return builder.sign(authority, hashes.SHA256())


def _usage(is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
