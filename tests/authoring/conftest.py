from pathlib import Path

import pytest
from django.conf import settings as site_settings

from authoring import checking, uploading
from authoring.models import StoredFile, Upload
from authoring.tasks import check_upload
from tests.factories import a_course, an_instructor

DEMO = Path(site_settings.BASE_DIR) / "static" / "demo"


@pytest.fixture
def folder(settings, tmp_path):
    """The folder of uploaded files, empty, in place of the site's own."""
    uploads = tmp_path / "uploads"
    settings.STORAGES = settings.STORAGES | {
        "uploads": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": uploads, "base_url": None},
        }
    }
    return uploads


@pytest.fixture
def course(db):
    return a_course()


@pytest.fixture
def author(course):
    return an_instructor(course)


@pytest.fixture
def upload(folder, course, author):
    """Uploads bytes into the course in one go; returns the stored file."""

    def uploaded(content: bytes, name: str = "file", **values):
        begun = uploading.start(course, author, name=name, size=len(content), **values)
        for at in range(0, len(content), uploading.PART_BYTES):
            part = content[at : at + uploading.PART_BYTES]
            uploading.append(begun.public_id, author, at, part)
        return uploading.finish(begun.public_id, author)

    return uploaded


@pytest.fixture
def everything_is_large(settings):
    settings.UPLOAD_MEASURE_AT_ONCE_MB = 0


@pytest.fixture
def asked(monkeypatch):
    """The uploads that a worker was asked to check; none is at work."""
    found = []

    def enqueue(task, upload_id: int) -> bool:
        found.append(upload_id)
        return True

    monkeypatch.setattr("progress.operations.broker.enqueue", enqueue)
    return found


@pytest.fixture
def arrived(folder, course, author, asked, django_capture_on_commit_callbacks):
    """Sends all of a file and finishes; returns its row."""

    def send(content: bytes, name: str = "film.mp4", *, unpacks: bool = True) -> StoredFile:
        begun = uploading.start(course, author, name=name, size=len(content))
        uploading.append(begun.public_id, author, 0, content)
        with django_capture_on_commit_callbacks(execute=True):
            return checking.finish(begun.public_id, author, unpacks=unpacks)

    return send


@pytest.fixture
def check(django_capture_on_commit_callbacks):
    """Checks the only upload, as a worker does."""

    def run() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            check_upload(Upload.objects.get().pk)

    return run


def demo(name: str) -> bytes:
    return (DEMO / name).read_bytes()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
