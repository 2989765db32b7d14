"""The signature of a file: the signer, what it covers, and that every change is noticed."""

import asyncio
import hashlib
import io
import os
import shutil
import stat
import subprocess
import sys

import pytest
from asn1crypto import x509 as der_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from certificates import verification
from certificates.documents import rendering
from certificates.models import Rendition
from certificates.signing import identity, pades
from tests.factories import NOON
from tests.support.certificates import a_certificate

pytestmark = pytest.mark.django_db
HIDING_FLAGS = 0b100011  # invisible, hidden, no view
PRINT_FLAG = 0b100


@pytest.fixture(scope="module")
def chain():
    return identity.signing_identity().chain


@pytest.fixture
def unsigned():
    return rendering.compile_pdf(a_certificate())


@pytest.fixture
def signed(unsigned):
    return pades.sign(unsigned)[0]


def pdfsig(pdf, folder):
    """What poppler's pdfsig reports about the file."""
    if not shutil.which("pdfsig"):
        install = "pdfsig is missing: apt-get install poppler-utils"
        (pytest.fail if os.environ.get("REQUIRE_PDFSIG") else pytest.skip)(install)
    file = folder / "certificate.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdfsig", file], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def validated(pdf, chain):
    """What pyHanko reports about the only signature, trusting the root of `chain`."""
    root = der_x509.Certificate.load(chain[-1].public_bytes(serialization.Encoding.DER))
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(signature, signer_validation_context=context)


def with_byte_changed(pdf, at):
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def with_update(pdf):
    """The file with another title, appended as PDF editors do."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root["/Lang"] = generic.pdf_string("fr")
    writer.update_root()
    changed = io.BytesIO()
    writer.write(changed)
    assert changed.getvalue().startswith(pdf)
    return changed.getvalue()


# --- Intact, and tampered with -------------------------------------------------------------------
def test_pdfsig_finds_a_fresh_file_intact(signed, tmp_path):
    said = pdfsig(signed, tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert f"Common Name: {identity.signing_identity().name}" in said


def test_pyhanko_finds_a_fresh_file_intact_and_trusts_its_chain(signed, chain):
    status = validated(signed, chain)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_changed_byte_is_noticed_by_both(signed, unsigned, chain, tmp_path, share):
    # Where any byte will do: within a stream, after its objects' first bytes.
    at = unsigned.index(b"stream\n", int(share * len(unsigned))) + 20
    changed = with_byte_changed(signed, at)
    assert "Signature is Valid." not in pdfsig(changed, tmp_path)
    assert not validated(changed, chain).intact


def test_an_appended_update_is_noticed_by_both(signed, chain, tmp_path):
    changed = with_update(signed)
    assert "Total document signed" not in pdfsig(changed, tmp_path).replace("Not total", "")
    status = validated(changed, chain)
    assert not status.bottom_line
    assert not status.docmdp_ok


# --- What kind of signature ----------------------------------------------------------------------
def test_it_is_pades_of_a_p256_key_and_brings_its_chain(signed, chain):
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    signer = signature.signer_info
    assert signer["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    attributes = {each["type"].native for each in signer["signed_attrs"]}
    assert "signing_certificate_v2" in attributes
    assert "signing_time" not in attributes  # PAdES has it in the file's dictionary
    brought = {each.chosen.sha256 for each in signature.signed_data["certificates"]}
    ders = [each.public_bytes(serialization.Encoding.DER) for each in chain]
    assert brought == {hashlib.sha256(der).digest() for der in ders}


def test_it_takes_nothing_from_what_pdf_a_and_pdf_ua_ask_for(signed, unsigned):
    assert signed.startswith(unsigned)
    before, after = (PdfReader(io.BytesIO(pdf)) for pdf in (unsigned, signed))
    roots = [reader.trailer["/Root"] for reader in (before, after)]
    assert len({root.raw_get("/Metadata").idnum for root in roots}) == 1
    assert after.xmp_metadata.stream.get_data() == before.xmp_metadata.stream.get_data()
    assert "/Version" not in roots[1]  # PDF/A-3 is PDF 1.7
    page = after.pages[0]
    assert page["/Tabs"] == "/S"
    (field,) = (each for each in page["/Annots"] if each["/Subtype"] == "/Widget")
    assert field["/F"] & PRINT_FLAG
    assert not field["/F"] & HIDING_FLAGS
    assert field["/TU"] == "Signature of the issuer"
    left, bottom, right, top = field["/Rect"]
    assert (left, bottom) == (right, top)  # needs no appearance
    assert right < page.cropbox.left  # so it is no content that the structure must contain
    (reference,) = after.trailer["/Root"]["/Perms"]["/DocMDP"]["/Reference"]
    assert not {"/DigestMethod", "/DigestValue", "/DigestLocation"} & set(reference)


def test_it_is_made_also_where_an_event_loop_runs(unsigned):
    async def within():
        return pades.sign(unsigned)[0]

    assert asyncio.run(within()).startswith(unsigned)


# --- Files ---------------------------------------------------------------------------------------
def test_a_file_is_signed_and_names_the_signer(client):
    made = rendering.render(a_certificate().pk, NOON)
    assert made.signed_by == identity.signing_identity().name
    assert made.sha256 == hashlib.sha256(made.pdf).hexdigest() != made.unsigned_sha256
    assert b"/ETSI.CAdES.detached" in bytes(made.pdf)
    page = client.post("/verify/", {"file": io.BytesIO(bytes(made.pdf))}).content.decode()
    assert made.signed_by in page


def test_a_file_from_before_signatures_stays_valid_and_is_signed_when_rendered_anew():
    certificate = a_certificate()
    pdf = rendering.compile_pdf(certificate)
    old = Rendition.objects.create(
        certificate=certificate,
        ordinal=1,
        pdf=pdf,
        picture=b"",
        sha256=hashlib.sha256(pdf).hexdigest(),
        rendered_at=NOON,
    )
    assert rendering.render(certificate.pk, NOON) == old
    new = rendering.render(certificate.pk, NOON, anew=True)
    assert (new.ordinal, new.signed_by) == (2, identity.signing_identity().name)
    for made in (old, new):
        assert verification.verify_file(made.sha256).status == "issued"
    assert verification.verify_file(old.sha256).signed_by == ""


# --- The key that is made on first run -----------------------------------------------------------
def test_processes_that_start_at_once_have_one_key_that_nobody_else_reads(tmp_path):
    code = (
        "import django; django.setup(); from certificates.signing import identity; "
        "print(identity.signing_identity().chain[0].serial_number)"
    )
    environment = os.environ | {"STATE_DIR": str(tmp_path / "state")}
    environment |= {"CERTIFICATE_KEY": "", "CERTIFICATE_CHAIN": ""}
    started = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    serials = {process.communicate(timeout=60)[0] for process in started}
    assert all(process.returncode == 0 for process in started)
    assert len(serials) == 1
    (file,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
