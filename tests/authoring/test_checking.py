"""Large uploads are checked in the background: nothing half-saved, whatever happens on the way."""

import errno
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError
from django.utils import timezone

from authoring import checking, uploading
from authoring.formats import measuring
from authoring.models import State, StoredFile, Upload
from authoring.storing import UploadRefused
from authoring.tasks import check_waiting_uploads
from progress.models import Job

from .conftest import demo, files_in
from .test_formats import a_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_is_large")]
FILM = "extinguisher.mp4"


def a_zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_a_film_waits_and_then_has_its_length(arrived, check, asked, folder):
    stored = arrived(demo(FILM))
    assert (stored.state, stored.kind, stored.duration_ms) == (State.WAITING, "video", None)
    assert asked == [Upload.objects.get().pk]
    address = stored.address
    check()
    stored.refresh_from_db()
    assert (stored.state, stored.duration_ms) == (State.MEASURED, 12_000)
    assert stored.address == address
    assert (folder / stored.stored_as).read_bytes() == demo(FILM)
    assert files_in(folder) == [folder / stored.stored_as]
    assert not Upload.objects.exists()
    assert Job.objects.get(name="authoring.tasks.check_upload").rows == 1


def test_its_address_opens_once_it_is_measured(arrived, check, author, sign_in):
    stored = arrived(a_pdf(3))
    window = sign_in(author)
    assert window.get(stored.address).status_code == 404
    check()
    assert window.get(stored.address).status_code == 302


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (demo(FILM)[:40_000], "damaged"),
        (a_pdf(3, password="secret"), "has a password"),
        (a_pdf(3)[:200], "damaged"),
        (a_zip(presentation__txt=b"<html><script>1</script></html>"), "scripts"),
        (a_zip(**{"../../escape.txt": b"Out of here."}), "leads out of it"),
        (a_zip(**{"ppt/presentation.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "PowerPoint"),
    ],
)
def test_what_is_refused_says_why_and_leaves_no_bytes(arrived, check, folder, content, why):
    stored = arrived(content)
    check()
    stored.refresh_from_db()
    assert stored.state == State.FAILED
    assert why in stored.problem
    assert files_in(folder) == []
    assert not Upload.objects.exists()
    assert StoredFile.objects.count() == 1


def test_a_zip_bomb_is_refused_before_it_is_unpacked(arrived, check, folder, settings):
    settings.UPLOAD_MAX_MB = 2
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", b"0" * 5 * 1024 * 1024)
    stored = arrived(out.getvalue())
    check()
    stored.refresh_from_db()
    assert stored.state == State.FAILED
    assert "more than 2 MB" in stored.problem
    assert files_in(folder) == []


@pytest.mark.parametrize("content", [b"<html><script>1</script></html>", b"MZ\x90\x00" * 99])
def test_what_its_first_bytes_show_is_refused_at_once(arrived, folder, content, asked):
    with pytest.raises(UploadRefused):
        arrived(content)
    assert not StoredFile.objects.exists()
    assert not Upload.objects.exists()
    assert asked == []


def test_the_reason_is_in_the_language_of_who_uploaded_it(arrived, check, author):
    author.language = "de"
    author.save()
    stored = arrived(a_pdf(3, password="secret"))
    check()
    stored.refresh_from_db()
    assert "Passwort" in stored.problem


def test_a_zip_becomes_its_files(arrived, check, course):
    stored = arrived(a_zip(film__mp4=demo(FILM), rules__pdf=a_pdf(2)), "week.zip")
    assert stored.kind == "archive"
    check()
    names = StoredFile.objects.current().values_list("name", flat=True)
    assert set(names) == {"film.mp4", "rules.pdf"}


def test_a_zip_by_the_api_is_refused(arrived, check):
    stored = arrived(a_zip(rules__pdf=a_pdf(2)), "week.zip", unpacks=False)
    check()
    stored.refresh_from_db()
    assert stored.state == State.FAILED


def test_a_full_disk_refuses_nothing_and_it_is_tried_again(arrived, check, folder, monkeypatch):
    stored = arrived(a_pdf(3))
    with monkeypatch.context() as full:

        def no_space(*_args, **_kwargs):
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr(FileSystemStorage, "_save", no_space)
        for _ in range(5):
            check()
    stored.refresh_from_db()
    assert stored.state == State.WAITING
    assert "no space" in stored.problem
    assert len(files_in(folder)) == 1  # the part that had arrived
    check()
    stored.refresh_from_db()
    assert (stored.state, stored.page_count, stored.problem) == (State.MEASURED, 3, "")


def test_what_a_killed_worker_left_is_measured_again(arrived, check, folder, monkeypatch, asked):
    """It died after the bytes were stored, and before the row was."""
    stored = arrived(a_pdf(3))
    with monkeypatch.context() as killed:

        class Killed(BaseException):
            pass

        def die(*_args, **_kwargs):
            raise Killed

        killed.setattr(uploading, "discard", die)
        killed.setattr("authoring.storing.delete", lambda names: None)
        with pytest.raises(Killed):
            checking.check(Upload.objects.get().pk)
    stored.refresh_from_db()
    assert stored.state == State.MEASURING
    assert len(files_in(folder)) == 2
    asked.clear()
    check_waiting_uploads()
    assert asked == [Upload.objects.get().pk]
    check()
    stored.refresh_from_db()
    assert stored.state == State.MEASURED
    assert files_in(folder) == [folder / stored.stored_as]


def test_a_file_that_breaks_the_measuring_is_refused_after_three_tries(
    arrived, check, folder, monkeypatch
):
    stored = arrived(a_pdf(3))

    def break_down(path):
        raise MemoryError

    monkeypatch.setattr(measuring, "count_pages", break_down)
    for _ in range(3):
        with pytest.raises(MemoryError):
            check()
    check()
    stored.refresh_from_db()
    assert stored.state == State.FAILED
    assert "three tries" in stored.problem
    assert files_in(folder) == []


def test_one_that_is_cancelled_while_it_is_measured_is_gone(
    arrived, check, folder, author, monkeypatch, django_capture_on_commit_callbacks
):
    stored = arrived(a_pdf(3))
    real = measuring.count_pages

    def cancelled_meanwhile(path):
        with django_capture_on_commit_callbacks(execute=True):
            uploading.cancel(Upload.objects.get().public_id, author)
        return real(path)

    monkeypatch.setattr(measuring, "count_pages", cancelled_meanwhile)
    check()
    assert not StoredFile.objects.current().filter(pk=stored.pk).exists()
    assert files_in(folder) == []


def test_asked_twice_it_waits_once(arrived, author, asked):
    stored = arrived(a_pdf(3))
    again = checking.finish(Upload.objects.get().public_id, author, unpacks=True)
    assert again == stored
    assert len(asked) == 1


def test_an_unfinished_upload_that_waits_is_not_given_up(arrived, folder):
    stored = arrived(a_pdf(3))
    Upload.objects.update(updated_at=timezone.now() - timedelta(days=60))
    assert uploading.prune(timezone.now()) == 0
    assert Upload.objects.get().file == stored


def test_a_refusal_is_forgotten_after_a_week(arrived, check):
    arrived(a_pdf(3)[:200])
    check()
    assert uploading.prune(timezone.now()) == 0
    assert uploading.prune(timezone.now() + timedelta(days=8)) == 1
    assert not StoredFile.objects.current().exists()


def test_bytes_that_no_row_knows_are_deleted_after_a_day(arrived, check, folder):
    stored = arrived(a_pdf(3))
    check()
    stored.refresh_from_db()
    stray = folder / "files" / "ab" / "abcdef.mp4"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half a film")
    (folder / "learning-upload-x").write_bytes(b"half a film")
    assert checking.delete_leftovers(timezone.now()) == 0
    assert checking.delete_leftovers(timezone.now() + timedelta(days=2)) == 2
    assert files_in(folder) == [folder / stored.stored_as]


def test_the_bytes_are_moved_not_copied(arrived, check, folder, monkeypatch):
    """A second copy of a film would need its space, and its time."""
    arrived(demo(FILM))

    def copy(self, *_args):
        raise AssertionError("copied")

    monkeypatch.setattr("django.core.files.base.File.chunks", copy)
    check()
    assert len(files_in(folder)) == 1


def test_a_measured_row_without_bytes_is_impossible(arrived):
    stored = arrived(a_pdf(3))
    with pytest.raises(IntegrityError, match="stored_file_has_bytes_when_measured"):
        StoredFile.objects.filter(pk=stored.pk).update(state=State.MEASURED)
