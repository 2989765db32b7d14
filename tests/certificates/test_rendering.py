"""The file of a certificate: what it says, in which script, and that it is always the same."""

import hashlib
import io

import pytest
from pypdf import PdfReader

from certificates import tasks
from certificates.documents import rendering
from certificates.lifecycle import issuing
from certificates.models import Packet, Rendition
from certificates.numbers import show_code
from certificates.signing import keys
from progress.jobs import Run
from progress.models import SetAside
from tests.factories import NOON
from tests.support.certificates import a_certificate, a_short_course

pytestmark = pytest.mark.django_db


def text_of(pdf):
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_it_says_who_completed_what_and_when():
    certificate = a_certificate(a_short_course(title="Fire safety"), full_name="Lena Fischer")
    text = text_of(rendering.compile_pdf(certificate))
    assert "Lena Fischer" in text
    assert "Fire safety" in text
    assert certificate.number in text
    assert f"{certificate.completed_at.day} " in text


def test_its_address_is_printed_where_the_site_has_one(settings):
    certificate = a_certificate()
    bare = rendering.compile_pdf(certificate)
    assert show_code(certificate.code) in text_of(bare)
    settings.PUBLIC_URL = "https://learn.example.com"
    whole = rendering.compile_pdf(certificate)
    assert f"learn.example.com/verify/{show_code(certificate.code)}/" in text_of(whole)
    notes = PdfReader(io.BytesIO(whole)).pages[0]["/Annots"]
    links = [note.get_object()["/A"]["/URI"] for note in notes]
    assert links == [f"https://learn.example.com/verify/{show_code(certificate.code)}/"]


@pytest.mark.parametrize(
    "name",
    [
        "ليلى عبد الرحمن",
        "שירה כהן",
        "अनन्या शर्मा",
        "สมชาย ใจดี",
        "王小明",
        "山田太郎",
        "김철수",
        "Łucja Żółć",
    ],
)
def test_a_name_in_any_script_is_there(name):
    certificate = a_certificate(full_name=name)
    found = text_of(rendering.compile_pdf(certificate))
    # Extraction may return words from right to left in another order.
    assert all(letter in found for letter in name if letter.isalpha())


def test_a_very_long_name_and_title_stay_on_one_page():
    title = "Working safely at heights, on roofs, ladders and scaffolds of any kind " * 3
    certificate = a_certificate(
        a_short_course(title=title[:200]), full_name="Maximiliana Theodora " * 8
    )
    assert len(PdfReader(io.BytesIO(rendering.compile_pdf(certificate))).pages) == 1


def test_markup_in_a_name_is_only_text():
    certificate = a_certificate(full_name='#panic("no") *x* $y$')
    assert '#panic("no") *x* $y$' in text_of(rendering.compile_pdf(certificate))


def test_the_same_certificate_makes_the_same_bytes():
    certificate = a_certificate()
    assert rendering.compile_pdf(certificate) == rendering.compile_pdf(certificate)


def test_a_file_is_made_once_and_its_hash_is_kept():
    certificate = a_certificate()
    first = rendering.render(certificate.pk, NOON)
    assert rendering.render(certificate.pk, NOON) == first
    assert first.sha256 == hashlib.sha256(first.pdf).hexdigest()
    assert bytes(first.picture).startswith(b"\x89PNG")


def test_what_changed_makes_another_file_and_both_stay_known(settings):
    certificate = a_certificate()
    first = rendering.render(certificate.pk, NOON)
    assert rendering.render(certificate.pk, NOON, anew=True) == first
    settings.PUBLIC_URL = "https://elsewhere.example"
    second = rendering.render(certificate.pk, NOON, anew=True)
    assert second.ordinal == 2
    assert Rendition.objects.count() == 2


@pytest.mark.parametrize("sweep", [tasks.render_missing, tasks.seal_missing])
def test_an_unusable_key_sets_no_row_aside(sweep, settings):
    a_certificate()
    settings.CERTIFICATE_KEY = settings.CERTIFICATE_CHAIN = "/nowhere/key.pem"
    with pytest.raises(keys.UnusableKey):
        sweep()
    assert not SetAside.objects.exists()
    settings.CERTIFICATE_KEY = settings.CERTIFICATE_CHAIN = ""
    sweep()
    assert Rendition.objects.count() + Packet.objects.count() == 1


def test_a_full_disk_sets_no_row_aside(monkeypatch):
    def is_full(*_):
        raise OSError(28, "No space left on device")

    a_certificate()
    with monkeypatch.context() as broken:
        broken.setattr(rendering, "compile_pdf", is_full)
        with pytest.raises(OSError, match="No space"):
            tasks.render_missing()
    assert not SetAside.objects.exists()


def test_the_sweep_renders_what_has_no_file_and_sets_aside_what_fails(monkeypatch):
    good, bad = a_certificate(), a_certificate()
    whole = rendering.compile_pdf

    def compile_pdf(certificate, *rest):
        if certificate.pk == bad.pk:
            raise ValueError("no font")
        return whole(certificate, *rest)

    monkeypatch.setattr(rendering, "compile_pdf", compile_pdf)
    run = Run("certificates.tasks.render_missing", NOON)
    rendering.render_missing(run)
    assert run.rows == 1
    assert [each.certificate_id for each in Rendition.objects.all()] == [good.pk]
    assert SetAside.objects.get().row == bad.pk
    assert issuing.issue(bad.enrollment_id) is None
