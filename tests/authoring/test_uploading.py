"""Uploads come in parts, go on after a break, and leave nothing behind when they are refused."""

import errno
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from authoring import uploading
from authoring.models import Role, StoredFile, Upload
from authoring.uploading import UnknownUpload, UploadRefused, WrongOffset
from tests.factories import a_course, a_learner, an_instructor

from .conftest import demo, files_in
from .test_formats import a_pdf

pytestmark = pytest.mark.django_db
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nKeep them shut.\n"


def begin(course, author, content: bytes, **values) -> Upload:
    return uploading.start(course, author, **{"name": "a.txt", "size": len(content)} | values)


def test_parts_are_put_together(upload, folder):
    text = ("Fire doors stay shut. " * 20_000).encode() * 3
    assert len(text) < 2 * 1024 * 1024
    stored = upload(text, "rules.txt")
    assert (folder / stored.stored_as).read_bytes() == text
    assert (stored.name, stored.kind, stored.words) == ("rules.txt", "text", 240_000)


def test_it_goes_on_where_it_was(course, author, folder, django_capture_on_commit_callbacks):
    content = a_pdf()
    begun = begin(course, author, content)
    uploading.append(begun.public_id, author, 0, content[:100])
    with pytest.raises(WrongOffset) as wrong:
        uploading.append(begun.public_id, author, 0, content[:100])
    assert wrong.value.received == 100
    with pytest.raises(WrongOffset):
        uploading.finish(begun.public_id, author)
    uploading.append(begun.public_id, author, 100, content[100:])
    with django_capture_on_commit_callbacks(execute=True):
        stored = uploading.finish(begun.public_id, author)
    assert stored.page_count == 3
    assert files_in(folder) == [folder / stored.stored_as]
    assert not Upload.objects.exists()


def test_a_refused_file_leaves_nothing(course, author, folder, django_capture_on_commit_callbacks):
    content = b"<html><script>alert(1)</script></html>"
    begun = begin(course, author, content)
    uploading.append(begun.public_id, author, 0, content)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(UploadRefused, match="scripts") as refused,
    ):
        uploading.finish(begun.public_id, author)
    assert refused.value.field == "file"
    assert files_in(folder) == []
    assert not Upload.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_full_disk_is_said_and_the_upload_goes_on_later(course, author, folder, monkeypatch):
    content = b"Keep the doors shut."
    begun = begin(course, author, content)
    with monkeypatch.context() as full:

        def no_space(*_args, **_kwargs):
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr(FileSystemStorage, "_save", no_space)
        with pytest.raises(UploadRefused, match="no space") as refused:
            uploading.append(begun.public_id, author, 0, content)
    assert refused.value.status == 507
    uploading.append(begun.public_id, author, 0, content)
    assert uploading.finish(begun.public_id, author).words == 4


def test_what_was_half_written_is_deleted(course, author, folder, monkeypatch):
    begun = begin(course, author, b"12345")
    save = FileSystemStorage._save

    def fill_up(storage, name, content):
        save(storage, name, content)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fill_up)
    with pytest.raises(UploadRefused, match="no space"):
        uploading.append(begun.public_id, author, 0, b"12345")
    assert files_in(folder) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"size": 0}, "file"),
        ({"size": 1025 * 1024 * 1024}, "file"),
        ({"role": "program"}, "role"),
        ({"role": Role.CAPTIONS, "language": "en"}, "media"),
    ],
)
def test_what_can_be_refused_at_the_start_is(course, author, folder, values, field):
    with pytest.raises(UploadRefused) as refused:
        begin(course, author, b"x", **values)
    assert refused.value.field == field
    assert not Upload.objects.exists()


@pytest.mark.parametrize("part", [b"", b"123456"])
def test_a_part_must_fit(course, author, folder, part):
    begun = begin(course, author, b"12345")
    with pytest.raises(UploadRefused):
        uploading.append(begun.public_id, author, 0, part)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\doors.mp4", "doors.mp4"),
        ("a\u202egpj.exe\n", "agpj.exe"),
        ("..", "file"),
        ("", "file"),
        ("x" * 500, "x" * 200),
        ("قواعد.pdf", "قواعد.pdf"),
    ],
)
def test_a_name_is_only_shown(name, shown):
    assert uploading.clean_name(name) == shown


def test_captions_in_any_number_of_languages(upload, folder, django_capture_on_commit_callbacks):
    video = upload(demo("extinguisher.mp4"))
    for language in ("en", "ar", "pt-BR"):
        upload(VTT, role=Role.CAPTIONS, media=video, language=language)
    first = StoredFile.objects.get(language="en")
    with django_capture_on_commit_callbacks(execute=True):
        second = upload(VTT, role=Role.CAPTIONS, media=video, language="EN")
    current = video.belongings.current()
    assert {each.language for each in current} == {"en", "ar", "pt-br"}
    assert second in current
    assert not (folder / first.stored_as).exists()


@pytest.mark.parametrize(("role", "language"), [(Role.CAPTIONS, "en"), (Role.CHAPTERS, "")])
def test_captions_and_chapters_of_a_longer_film_are_refused(upload, role, language):
    film = upload(demo("fire-doors.mp4"), "film.mp4")
    late = VTT + b"\n10:00.000 --> 10:05.000\nThe end.\n"
    with pytest.raises(UploadRefused, match=r"starts at 10:00, and the film ends at 1:00"):
        upload(late, "film.vtt", role=role, media=film, language=language)
    assert StoredFile.objects.get() == film


@pytest.mark.parametrize("language", ["", "english please", "../x", "e"])
def test_captions_need_a_language(upload, course, author, language):
    video = upload(demo("extinguisher.mp4"))
    with pytest.raises(UploadRefused) as refused:
        begin(course, author, VTT, role=Role.CAPTIONS, media=video, language=language)
    assert refused.value.field == "language"


def test_only_its_owner_goes_on_and_only_while_they_teach(course, author, folder):
    begun = begin(course, author, b"12345")
    for other in (an_instructor(course), an_instructor(a_course()), a_learner(course)):
        with pytest.raises(UnknownUpload):
            uploading.append(begun.public_id, other, 0, b"12345")
    author.courses_taught.clear()
    with pytest.raises(UnknownUpload):
        uploading.append(begun.public_id, author, 0, b"12345")
    with pytest.raises(UnknownUpload):
        uploading.cancel(uuid4(), author)


def test_what_was_given_up_is_deleted_after_a_week(
    course, author, folder, django_capture_on_commit_callbacks
):
    old, new = begin(course, author, b"12345"), begin(course, author, b"12345")
    uploading.append(old.public_id, author, 0, b"123")
    past = timezone.now() - timedelta(days=uploading.KEPT_DAYS, hours=1)
    Upload.objects.filter(pk=old.pk).update(updated_at=past)
    with django_capture_on_commit_callbacks(execute=True):
        assert uploading.prune(timezone.now()) == 1
    assert list(Upload.objects.all()) == [new]
    assert files_in(folder) == []
