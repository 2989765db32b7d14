"""Decks become pages as a whole or not at all, and only where the operator has chosen a program."""

import io
import os
import sys
import zipfile

import pytest

from authoring import checking, uploading
from authoring.formats import decks
from authoring.models import State, StoredFile
from authoring.storing import UploadRefused

from .conftest import files_in
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def a_deck(slides: int = 3, hidden: int = 0, relation: str = "", **parts: bytes) -> bytes:
    """A `.pptx` as PowerPoint writes it, as far as it says how many slides there are."""
    numbers = range(1, slides + hidden + 1)
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in numbers)
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{R}/slide" Target="slides/slide{n}.xml"/>'
        for n in numbers
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst>{ids}'
        "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": f'<Relationships xmlns="{RELS}">{targets}'
        "</Relationships>",
        "ppt/slides/_rels/slide1.xml.rels": f'<Relationships xmlns="{RELS}">{relation}'
        "</Relationships>",
    }
    for n in numbers:
        show = ' show="0"' if n > slides else ""
        files[f"ppt/slides/slide{n}.xml"] = f'<p:sld xmlns:p="{P}"{show}/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | parts).items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def converter(tmp_path, settings):
    """Has a program draw so many pages, or do what the lines say."""

    def chosen(pages: int = 3, instead: str = "") -> None:
        made = tmp_path / "made.pdf"
        made.write_bytes(a_pdf(pages))
        program = tmp_path / "soffice"
        work = instead or (
            "folder = sys.argv[sys.argv.index('--outdir') + 1]\n"
            f"shutil.copy({str(made)!r}, os.path.join(folder, 'deck.pdf'))"
        )
        program.write_text(f"#!{sys.executable}\nimport os, shutil, sys, time\n{work}\n")
        os.chmod(program, 0o700)
        settings.OFFICE_CONVERTER = str(program)

    return chosen


@pytest.fixture
def converted(arrived, check):
    """Uploads a deck and has it checked; returns its row."""

    def sent(content: bytes) -> StoredFile:
        stored = arrived(content, "week.pptx")
        assert stored.state == State.WAITING
        check()
        stored.refresh_from_db()
        return stored

    return sent


def test_without_a_program_it_is_said_how_to_export(folder, course, author):
    content = a_deck()
    begun = uploading.start(course, author, name="week.pptx", size=len(content))
    uploading.append(begun.public_id, author, 0, content)
    with pytest.raises(UploadRefused, match="File, Export, PDF"):
        checking.finish(begun.public_id, author, unpacks=True)
    assert not StoredFile.objects.exists()


def test_a_deck_becomes_a_pdf_with_a_page_for_each_slide(converter, converted, folder):
    converter(3)
    stored = converted(a_deck(3, hidden=2))
    assert (stored.state, stored.kind, stored.page_count) == (State.MEASURED, "pdf", 3)
    assert stored.address.endswith(".pdf")
    assert (folder / stored.stored_as).read_bytes().startswith(b"%PDF")
    assert files_in(folder) == [folder / stored.stored_as]


LINKED = f'<Relationship Id="r" Type="{R}/%s" Target="http://10.0.0.1/x" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("pages", "deck", "why"),
    [
        (2, a_deck(3), "Not every slide"),
        (4, a_deck(3), "Not every slide"),
        (3, a_deck(3, relation=LINKED % "image"), "in other files"),
        (3, a_deck(0, hidden=2), "no slide"),
        (3, a_deck(3, **{"ppt/presentation.xml": b"<p:presentation"}), "damaged"),
        (
            3,
            a_deck(3, **{"ppt/presentation.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
            "damaged",
        ),
        (3, a_deck(3)[:900], "Export the file as PDF"),
    ],
)
def test_what_is_not_whole_is_refused(converter, converted, folder, pages, deck, why):
    converter(pages)
    stored = converted(deck)
    assert stored.state == State.FAILED
    assert why in stored.problem
    assert files_in(folder) == []


def test_links_to_pages_are_no_parts_of_it(converter, converted):
    converter(3)
    assert converted(a_deck(3, relation=LINKED % "hyperlink")).state == State.MEASURED


def test_a_bomb_is_refused_before_it_is_drawn(converter, converted, settings):
    converter(3, instead="raise SystemExit('it was started')")
    settings.UPLOAD_MAX_MB = 1
    stored = converted(a_deck(3, **{"ppt/media/x.png": b"0" * 2_000_000}))
    assert "too large when it is unpacked" in stored.problem


@pytest.mark.parametrize("instead", ["raise SystemExit(3)", "pass", "time.sleep(60)"])
def test_a_program_that_fails_or_never_ends_draws_nothing(
    converter, converted, folder, monkeypatch, instead
):
    monkeypatch.setattr(decks, "MAX_SECONDS", 2)
    converter(instead=instead)
    stored = converted(a_deck(3))
    assert "Not every slide" in stored.problem
    assert files_in(folder) == []
