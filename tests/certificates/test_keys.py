"""Keys come from files that settings name; an unusable one is refused with its reason."""

import io

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.reader import PdfFileReader

from certificates import checks, slots
from certificates.documents import rendering
from certificates.signing import identity, keys, pades
from lms_progress.demo import authority
from progress.slots import Slot
from tests.support.certificates import a_certificate


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture
def given(settings, tmp_path):
    """Names a key and a chain in the settings; without contents there is no such file."""

    def give(key=None, chain=None):
        for name, content in [("CERTIFICATE_KEY", key), ("CERTIFICATE_CHAIN", chain)]:
            path = tmp_path / f"{name}.pem"
            if content is not None:
                path.write_bytes(content)
            setattr(settings, name, str(path))
        identity._signing_identity.cache_clear()

    yield give
    identity._signing_identity.cache_clear()


@pytest.mark.django_db
def test_a_file_is_signed_with_the_key_of_the_settings(given):
    made = authority.make("Academy")
    given(made, made)
    assert checks.signing_key_is_usable(None) == []
    signed, name = pades.sign(rendering.compile_pdf(a_certificate()))
    assert name == "Academy (demo)"
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.signer_cert.subject.native["common_name"] == "Academy (demo)"


@pytest.mark.parametrize("name", ["CERTIFICATE_KEY", "CERTIFICATE_CHAIN"])
def test_one_without_the_other_is_an_error(settings, name):
    setattr(settings, name, "somewhere.pem")
    (error,) = checks.signing_key_is_usable(None)
    assert error.id == "certificates.E001"
    assert error.msg.startswith(f"{name} is set without")


@pytest.mark.parametrize(
    ("key", "chain", "said"),
    [
        (None, b"", "CERTIFICATE_KEY can't be read"),
        (b"nonsense", b"", "CERTIFICATE_KEY isn't a plain PEM key"),
        (pem(ec.generate_private_key(ec.SECP384R1())), b"", "on the curve P-256"),
        (authority.make("A"), b"nonsense", "CERTIFICATE_CHAIN has no PEM certificates"),
        (authority.make("A"), authority.make("B"), "CERTIFICATE_KEY doesn't belong to"),
    ],
)
def test_what_cannot_be_used_is_an_error_that_says_why(given, key, chain, said):
    given(key, chain)
    (error,) = checks.signing_key_is_usable(None)
    assert error.id == "certificates.E002"
    assert said in error.msg


def test_a_site_without_a_key_of_its_own_says_so_in_its_log(settings, tmp_path, caplog):
    settings.STATE_DIR = tmp_path
    identity.signing_identity()
    assert "CERTIFICATE_KEY isn't set" in caplog.text


def test_a_directory_that_cannot_be_written_is_named(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.STATE_DIR = tmp_path / "file"
    with pytest.raises(keys.UnusableKey, match="STATE_DIR"):
        keys.made_once("key.pem", bytes)


def test_the_second_process_takes_the_key_of_the_first(settings, tmp_path):
    settings.STATE_DIR = tmp_path

    def slowly():
        keys.made_once("key.pem", lambda: b"first")
        return b"second"

    assert keys.made_once("key.pem", slowly) == b"first"
    assert [each.name for each in tmp_path.iterdir()] == ["key.pem"]


def test_a_key_that_is_there_is_not_made_again(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    assert keys.made_once("key.pem", lambda: b"first") == b"first"
    assert keys.made_once("key.pem", lambda: b"second") == b"first"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "BADGE_KEY can't be read"),
        (b"nonsense", "must begin with a private Ed25519 key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "must begin with a private Ed25519 key"),
        (
            pem(Ed25519PrivateKey.generate()) + pem(ec.generate_private_key(ec.SECP256R1())),
            "has a key that isn't Ed25519",
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "contains something that isn't a plain PEM key",
        ),
    ],
)
def test_a_badge_key_that_cannot_be_used_is_an_error_that_says_why(
    settings, tmp_path, content, said
):
    assert checks.badge_key_is_usable(None) == []
    path = tmp_path / "badges.pem"
    if content is not None:
        path.write_bytes(content)
    settings.BADGE_KEY = str(path)
    (error,) = checks.badge_key_is_usable(None)
    assert error.id == "certificates.E003"
    assert said in error.msg


def test_without_a_key_and_a_demonstration_nothing_is_signed(settings, tmp_path, monkeypatch):
    settings.CERTIFICATE_KEY = settings.CERTIFICATE_CHAIN = ""
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(slots, "signing_identity", Slot())
    identity._signing_identity.cache_clear()
    with pytest.raises(keys.UnusableKey, match="CERTIFICATE_KEY isn't set"):
        identity.signing_identity()
    assert list(tmp_path.iterdir()) == []
