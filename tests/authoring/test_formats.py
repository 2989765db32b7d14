"""A file is what its bytes are, whatever it is called."""

import io
import shutil
import subprocess
import zipfile

import pytest
from pypdf import PdfWriter

from authoring.formats.inspecting import inspect
from authoring.formats.problems import FileProblem
from authoring.formats.signatures import HEAD_BYTES, Format, format_of

from .conftest import demo


def a_pdf(pages: int = 3, password: str = "", owner: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password or owner:
        writer.encrypt(password, owner or None)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ppt/presentation.xml", "<x/>")
    return out.getvalue()


def inspected(tmp_path, content: bytes, role: str = "content"):
    path = tmp_path / "anything.exe"
    path.write_bytes(content)
    return inspect(path, role)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x00\x00\x00\x20ftypisom", Format.MP4),
        (b"\x00\x00\x00\x20ftypheic", Format.UNKNOWN),
        (b"\x1a\x45\xdf\xa3\x00\x00\x42\x82\x84webm", Format.WEBM),
        (b"\x1a\x45\xdf\xa3\x00\x00\x42\x82\x88matroska", Format.UNKNOWN),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", Format.WAV),
        (b"RIFF\x00\x00\x00\x00AVI LIST", Format.UNKNOWN),
        (b"\xff\xfb\x90\x00", Format.MP3),
        (b"\xff\xd8\xff\xe0", Format.JPEG),
        (b"junk\n%PDF-1.7", Format.PDF),
        (b"MZ\x90\x00\x03", Format.UNKNOWN),
        (b"<!DOCTYPE html><p>", Format.MARKUP),
        (b"  <svg onload=alert(1)>", Format.MARKUP),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", Format.MARKUP),
        (b"<!-- a comment --><script>", Format.MARKUP),
        (b"WEBVTT\n\n", Format.VTT),
        (b"WEBVTTX", Format.TEXT),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nA", Format.SRT),
        ("Größe: 1 < 2".encode(), Format.TEXT),
        (b"text\x00with a null", Format.UNKNOWN),
        (b"", Format.UNKNOWN),
        (b"\xff\xfe", Format.UNKNOWN),
        ("Größe".encode("utf-16"), Format.TEXT),
        ("WEBVTT\n\n".encode("utf-16"), Format.VTT),
        ("<svg onload=alert(1)>".encode("utf-16"), Format.MARKUP),
        ("text\x00with a null".encode("utf-16"), Format.UNKNOWN),
        ("Größe".encode("utf-32"), Format.UNKNOWN),
        ("Größe – 1 < 2".encode("cp1252"), Format.OTHER_TEXT),
        ("سلامة".encode("cp1256"), Format.OTHER_TEXT),
    ],
)
def test_the_format_is_found_from_the_bytes(head, expected):
    assert format_of(head) is expected


@pytest.mark.parametrize("shift", range(4))
def test_a_character_that_the_head_cuts_through_is_no_problem(shift):
    text = "a" * (HEAD_BYTES - 4 + shift) + "😀é" * 10
    assert format_of(text.encode()[:HEAD_BYTES]) is Format.TEXT


def test_a_video_is_measured(tmp_path):
    found = inspected(tmp_path, demo("fire-doors.mp4"))
    assert (found.kind, found.content_type, found.ending) == ("video", "video/mp4", ".mp4")
    assert found.duration_ms > 10_000


def test_sound_alone_in_the_same_container_is_audio(tmp_path):
    found = inspected(tmp_path, demo("alarm.m4a"))
    assert (found.kind, found.content_type, found.ending) == ("audio", "audio/mp4", ".m4a")


def test_a_pdf_is_counted(tmp_path):
    assert inspected(tmp_path, a_pdf(7)).page_count == 7


def test_a_pdf_that_only_restricts_printing_is_accepted(tmp_path):
    assert inspected(tmp_path, a_pdf(2, owner="printer")).page_count == 2


def test_a_text_is_counted(tmp_path):
    assert inspected(tmp_path, b"Keep the fire doors shut.").words == 5


def test_a_text_in_utf_16_is_stored_as_utf_8(tmp_path):
    found = inspected(tmp_path, "Türen zu: 😀".encode("utf-16"))
    assert (found.words, found.replacement) == (3, "Türen zu: 😀".encode())


@pytest.mark.parametrize(
    ("pictures", "sound", "named"),
    [
        ("mpeg4", "aac", "MPEG-4 Visual"),
        ("mpeg2video", "aac", "MPEG Video"),
        ("prores_ks", "aac", "ProRes"),
        ("libx264", "ac3", "AC-3"),
        ("libx264", "aac", ""),
        ("libx264", "mp3", ""),
    ],
)
def test_what_no_browser_plays_is_refused_by_its_name(tmp_path, pictures, sound, named):
    if not shutil.which("ffmpeg"):
        pytest.skip("apt-get install ffmpeg")
    film = tmp_path / "film.mov"
    made = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=64x64:duration=1",
        "-f",
        "lavfi",
        "-i",
        "sine=duration=1",
    ]
    codecs = ["-c:v", pictures, "-c:a", sound]
    subprocess.run(["ffmpeg", "-loglevel", "error", *made, *codecs, str(film)], check=True)
    if not named:
        assert inspected(tmp_path, film.read_bytes()).kind == "video"
        return
    with pytest.raises(FileProblem, match=f"Browsers don't play {named}"):
        inspected(tmp_path, film.read_bytes())


def test_a_recording_with_a_cover_is_no_video(tmp_path):
    if not shutil.which("ffmpeg"):
        pytest.skip("apt-get install ffmpeg")
    cover, sound = tmp_path / "cover.jpg", tmp_path / "sound.m4a"
    cover.write_bytes(demo("fire-doors.jpg"))
    made = ["-f", "lavfi", "-i", "sine=duration=1", "-i", str(cover), "-map", "0", "-map", "1"]
    kinds = ["-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *made, *kinds, str(sound)], check=True)
    assert inspected(tmp_path, sound.read_bytes()).kind == "audio"


def test_a_poster_is_a_picture(tmp_path):
    found = inspected(tmp_path, demo("fire-doors.jpg"), "poster")
    assert (found.kind, found.content_type) == ("image", "image/jpeg")


@pytest.mark.parametrize(
    ("content", "role", "why"),
    [
        (a_pdf(password="secret"), "content", "password"),
        (a_pdf()[:200], "content", "PDF is damaged"),
        (b"%PDF-1.7\nnothing", "content", "PDF is damaged"),
        (demo("fire-doors.mp4")[:20_000], "content", "damaged|how long"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 500, "content", "damaged|how long"),
        (b"ID3" + b"\x00" * 500, "content", "damaged|how long"),
        (b"<html><script>alert(1)</script>", "content", "scripts"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "content", "scripts"),
        (a_zip(), "content", "PDF"),
        (b"MZ\x90\x00", "content", "isn't accepted"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nA", "content", "captions"),
        (b"x" * (2 * 1024 * 1024 + 1), "content", "too long"),
        (demo("fire-doors.jpg"), "captions", "WebVTT"),
        (b"just a sentence", "captions", "Line 1"),
        ("1\n00:00:01,000 --> 00:00:02,000\nGröße".encode("cp1252"), "captions", "UTF-8"),
        ("Größe – ja".encode("cp1252"), "content", "UTF-8"),
        (b"<svg onload=alert(1)/>", "poster", "JPEG"),
        (demo("fire-doors.mp4"), "poster", "JPEG"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(tmp_path, content, role, why):
    with pytest.raises(FileProblem, match=why):
        inspected(tmp_path, content, role)
