from pathlib import Path

import pytest
from django.conf import settings as site_settings

from authoring import uploading
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


def demo(name: str) -> bytes:
    return (DEMO / name).read_bytes()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
