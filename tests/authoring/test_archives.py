"""A ZIP of media is unpacked whole or not at all, and never out of its place."""

import io
import json
import zipfile

import pytest

from authoring import unpacking, uploading
from authoring.models import Role, StoredFile, Upload
from authoring.uploading import UploadRefused

from .conftest import demo, files_in
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db
VTT = b"WEBVTT\n\n00:00.000 --> 00:05.000\nHello\n"


def a_zip(files: dict[str, bytes], manifest=None) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if manifest is not None:
            text = manifest if isinstance(manifest, str) else json.dumps(manifest)
            archive.writestr("manifest.json", text)
    return whole.getvalue()


@pytest.fixture
def send(folder, course, author, django_capture_on_commit_callbacks):
    """Uploads a ZIP, as the page does; returns the contents' own files by their names."""

    def sent(content: bytes) -> dict[str, StoredFile]:
        with django_capture_on_commit_callbacks(execute=True):
            begun = uploading.start(course, author, name="all.zip", size=len(content))
            for at in range(0, len(content), uploading.PART_BYTES):
                part = content[at : at + uploading.PART_BYTES]
                uploading.append(begun.public_id, author, at, part)
            found = uploading.finish_as(begun.public_id, author, unpacking.store)
        return {each.name: each for each in found}

    return sent


@pytest.fixture
def refused(send, folder):
    """Uploads what must be refused and leave nothing behind; returns why."""

    def sent(content: bytes) -> str:
        with pytest.raises(UploadRefused) as why:
            send(content)
        assert not StoredFile.objects.exists() and not Upload.objects.exists()
        assert files_in(folder) == []
        return why.value.message

    return sent


def belongings(stored: StoredFile) -> set[tuple[str, str]]:
    return {(each.role, each.language) for each in stored.belongings.current()}


def test_names_say_what_belongs_to_what(send, folder):
    files = {
        "See/film.mp4": demo("extinguisher.mp4"),
        "See/film.en.vtt": VTT,
        "See/film.pt-BR.vtt": VTT,
        "See/film.chapters.vtt": VTT,
        "See/film.jpg": demo("fire-doors.jpg"),
        "film.pdf": a_pdf(2),
        "__MACOSX/See/._film.mp4": b"x",
        ".DS_Store": b"x",
    }
    found = send(a_zip(files))
    assert {(each.kind, each.name) for each in found.values()} == {
        ("video", "film.mp4"),
        ("pdf", "film.pdf"),
    }
    assert belongings(found["film.mp4"]) == {
        (Role.CAPTIONS, "en"),
        (Role.CAPTIONS, "pt-br"),
        (Role.CHAPTERS, ""),
        (Role.POSTER, ""),
    }
    assert len(files_in(folder)) == StoredFile.objects.count() == 6


def test_a_video_has_the_captions_beside_a_pdf_of_the_same_name(send):
    files = {"a.pdf": a_pdf(1), "a.mp4": demo("extinguisher.mp4"), "a.en.vtt": VTT}
    found = send(a_zip(files))
    assert belongings(found["a.mp4"]) == {(Role.CAPTIONS, "en")} and len(found) == 2


def test_a_manifest_says_what_belongs_to_what(send):
    files = {"1.bin": demo("extinguisher.mp4"), "2.bin": VTT, "not named": b"Nothing."}
    found = send(a_zip(files, {"files": [{"file": "1.bin", "captions": {"AR": "2.bin"}}]}))
    assert list(found) == ["1.bin"]
    assert belongings(found["1.bin"]) == {(Role.CAPTIONS, "ar")}


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[" * 100_000,
        [],
        {"files": []},
        {"files": ["a.txt"]},
        {"files": [{"captions": {}}]},
        {"files": [{"file": "a.txt", "captions": ["x"]}]},
        {"files": [{"file": "a.txt", "captions": {"?": "a.txt"}}]},
        {"files": [{"file": "a.txt", "poster": 7}]},
        {"files": [{"file": "../../etc/passwd"}]},
    ],
)
def test_a_wrong_manifest_is_refused(refused, manifest):
    assert "manifest.json" in refused(a_zip({"a.txt": b"Read."}, manifest))


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "x/../../a.txt", "C:/a.txt", "a\\b.txt"])
def test_names_that_lead_out_are_refused(refused, name):
    assert "leads out" in refused(a_zip({"fine.txt": b"Read.", name: b"Read."}))


def test_one_bad_file_refuses_all_and_is_named(refused):
    files = {"a.txt": b"Read.", "b.txt": b"<html><script>alert(1)</script></html>"}
    assert refused(a_zip(files)).startswith("b.txt: ")


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "There is no file"),
        ({"__MACOSX/x": b"x"}, "There is no file"),
        ({f"{at}.txt": b"Read." for at in range(201)}, "at most 200 files"),
        ({"film.vtt": VTT}, "doesn't say its language"),
        ({"film.en.vtt": VTT}, "belongs to no other file"),
        ({"a.txt": b"Read.", "a.en.vtt": VTT}, "Only videos and recordings"),
        ({"inner.zip": a_zip({"a.txt": b"Read."})}, "archives aren't accepted"),
    ],
)
def test_what_is_no_archive_of_media_is_refused(refused, files, why):
    assert why in refused(a_zip(files))


def test_a_bomb_is_refused_before_it_is_unpacked(refused, settings):
    settings.UPLOAD_MAX_MB = 1
    bomb = a_zip({"a.txt": b"0" * 700_000, "b.txt": b"0" * 700_000})
    assert len(bomb) < 10_000
    assert "more than 1 MB" in refused(bomb)


def test_a_file_that_is_larger_than_it_says_is_refused(refused):
    """The size in the directory is what the limit went by."""
    whole = bytearray(a_zip({"a.txt": b"Keep the doors shut. " * 1000}))
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "damaged" in refused(bytes(whole))


def test_a_damaged_zip_and_one_with_a_password_are_refused(refused):
    whole = bytearray(a_zip({"a.txt": b"Keep the doors shut."}))
    at = whole.rindex(b"PK\x01\x02")
    locked = bytes(whole[: at + 8] + bytes([whole[at + 8] | 1]) + whole[at + 9 :])
    assert "has a password" in refused(locked)
    whole[40] ^= 0xFF
    assert "damaged" in refused(bytes(whole))


def test_captions_too_large_are_refused_by_their_name(refused):
    files = {"a.mp4": demo("extinguisher.mp4"), "a.en.vtt": VTT + b"\n" * 3_000_000}
    assert refused(a_zip(files)) == "a.en.vtt: This file is too large: 2 MB is the limit."


def test_office_files_are_refused_as_before(refused):
    text = refused(a_zip({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}))
    assert "Export the file as PDF" in text
    assert "Export the file as PDF" in refused(a_zip({"mimetype": b"x", "content.xml": b"<x/>"}))


def test_the_page_unpacks_and_shows_them(send, course, author, sign_in):
    content = a_zip({"a.txt": b"Read.", "b.txt": b"Read."})
    begun = uploading.start(course, author, name="all.zip", size=len(content))
    uploading.append(begun.public_id, author, 0, content)
    window = sign_in(author)
    assert window.post(f"/authoring/uploads/{begun.public_id}/finish/").status_code == 201
    text = window.get(f"/authoring/courses/{course.pk}/files/").content.decode()
    assert "a.txt" in text and "b.txt" in text
