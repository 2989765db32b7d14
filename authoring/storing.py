"""Keeps the bytes of uploaded files, and their rows: what `uploading` and `checking` write with."""

import errno
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from authoring.formats.inspecting import Inspected
from authoring.formats.markdown import plain_words
from authoring.formats.measuring import MAX_TEXT_BYTES
from authoring.models import Kind, Role, State, StoredFile, Upload
from progress.models import Course, User
from progress.signals import captions_changed

MEGABYTE = 1024 * 1024
LEFTOVER_AGE = timedelta(days=1)
_FULL = {errno.ENOSPC, errno.EDQUOT}


class UploadRefused(Exception):
    """A file or a part of it isn't accepted: the field at fault, and why in words."""

    def __init__(self, field: str, message: str, *, status: int = 400):
        super().__init__(message)
        self.field, self.message, self.status = field, message, status


# --- Bytes ---------------------------------------------------------------------------------------
def storage() -> Storage:
    return storages["uploads"]


def work_folder() -> Path:
    """Where files are put together and checked: the disk of the files themselves, where there is
    one; /tmp may be small, or in memory."""
    kept = storage()
    is_folder = isinstance(kept, FileSystemStorage)
    folder = Path(kept.location if is_folder else tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True)
    return folder


WORK_PREFIX = "learning-upload-"


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """A file with a name, deleted afterwards unless it was moved to its place."""
    with tempfile.NamedTemporaryFile(prefix=WORK_PREFIX, dir=work_folder(), delete=False) as opened:
        try:
            yield opened
        finally:
            Path(opened.name).unlink(missing_ok=True)


class _Movable(File):
    """A temporary file in the folder of the storage itself, which moves it instead of copying."""

    def temporary_file_path(self) -> str:
        return self.file.name


def content_of(file: IO[bytes]) -> File:
    """A whole temporary file, as `save_bytes` takes it."""
    file.seek(0)
    return _Movable(file) if isinstance(storage(), FileSystemStorage) else File(file)


def save_bytes(name: str, content: File) -> str:
    """Store a file; returns its name there. What was written before a failure is deleted."""
    with space_on_disk():
        try:
            return storage().save(name, content)
        except OSError:
            storage().delete(name)
            raise


@contextmanager
def space_on_disk() -> Iterator[None]:
    """Raises UploadRefused (507) instead of the system's error for a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise UploadRefused(
            "file", _("There is no space left for files. Ask the administrator."), status=507
        ) from None


def delete(names: Iterable[str]) -> None:
    for name in names:
        storage().delete(name)


def delete_after_commit(names: list[str]) -> None:
    transaction.on_commit(partial(delete, list(names)), robust=True)


def folders(name: str) -> list[str]:
    """The folders in a folder of the storage; none where there is no such folder."""
    try:
        found, _files = storage().listdir(name)
    except FileNotFoundError:
        return []
    return [f"{name}/{each}" for each in found]


def names_in(folder: str) -> list[str]:
    _folders, names = storage().listdir(folder)
    return names


def delete_old_work(before: datetime) -> int:
    """Delete what a killed process was putting together; returns how many."""
    count = 0
    for path in work_folder().glob(f"{WORK_PREFIX}*"):
        if path.stat().st_mtime < before.timestamp():
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            count += 1
    return count


def stored_name(public_id: UUID, ending: str) -> str:
    return f"files/{public_id.hex[:2]}/{public_id.hex}{ending}"


# --- Rows ----------------------------------------------------------------------------------------
def clean_name(name: str) -> str:
    """The last part of a file's name, as it is shown: no folders, no control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    return shown[-200:] or "file"


def row_of(upload: Upload) -> StoredFile:
    """A row for an upload, with nothing of what the file is; not saved."""
    return StoredFile(
        public_id=uuid4(),
        course_id=upload.course_id,
        role=upload.role,
        media_id=upload.media_id,
        language=upload.language,
        name=upload.name,
        size=upload.size,
        uploaded_by_id=upload.owner_id,
    )


def describe(stored: StoredFile, found: Inspected) -> None:
    """Write into a row what was found out about its file."""
    stored.kind = found.kind
    stored.content_type = found.content_type
    stored.duration_ms = found.duration_ms
    stored.page_count = found.page_count
    stored.words = found.words
    # An address that a draft may have by now stays as it is.
    if not stored.ending or stored.kind not in {Kind.VIDEO, Kind.AUDIO}:
        stored.ending = found.ending


def keep(stored: StoredFile, found: Inspected, file: IO[bytes]) -> None:
    """Store the bytes of a file that was inspected, and say in its row where; it isn't saved."""
    describe(stored, found)
    if found.replacement is not None:
        content: File = ContentFile(found.replacement)
    else:
        content = content_of(file)
    stored.size = content.size
    stored.stored_as = save_bytes(stored_name(stored.public_id, stored.ending), content)
    stored.state = State.MEASURED
    stored.problem = ""


def replace_earlier(upload: Upload) -> None:
    """Captions in one language, chapters and a poster are there once for a video."""
    if upload.media_id is not None:
        # The lock puts two uploads for the same video one after the other.
        StoredFile.objects.select_for_update(no_key=True).get(pk=upload.media_id)
        earlier = StoredFile.objects.current().filter(
            media=upload.media_id, role=upload.role, language=upload.language
        )
        for stored in earlier.select_for_update(of=("self",)):
            withdraw(stored)


def withdraw(stored: StoredFile) -> None:
    """Take a file away: its row stays, for those who follow the list; its bytes don't."""
    stored.removed_at = timezone.now()
    stored.save(update_fields=["removed_at"])
    if stored.stored_as:
        delete_after_commit([stored.stored_as])


def announce(*files: StoredFile) -> None:
    for course in {each.course_id for each in files if each.role == Role.CAPTIONS}:
        transaction.on_commit(partial(captions_changed.send_robust, StoredFile, course_id=course))


# --- Texts written here --------------------------------------------------------------------------
def store_text(course: Course, by: User, name: str, text: str) -> StoredFile:
    """Store a text in Markdown that was written on a page. Raises UploadRefused.

    It is a file like any other: a corrected text is another one, so that a draft and what learners
    see don't disturb each other.
    """
    source = text.replace("\r\n", "\n").strip().encode()
    if not source:
        raise UploadRefused("text", _("Write something first."))
    if len(source) > MAX_TEXT_BYTES:
        raise UploadRefused("text", _("This text is too long: 2 MB is the limit."))
    public_id = uuid4()
    stored = StoredFile(
        public_id=public_id,
        course=course,
        role=Role.CONTENT,
        kind=Kind.TEXT,
        name=clean_name(f"{name}.md"),
        content_type="text/markdown; charset=utf-8",
        ending=".md",
        size=len(source),
        words=plain_words(source.decode()),
        uploaded_by=by,
    )
    try:
        stored.stored_as = save_bytes(stored_name(public_id, ".md"), ContentFile(source))
    except UploadRefused as full:
        raise UploadRefused("text", full.message, status=full.status) from None
    insert(stored)
    return stored


def insert(stored: StoredFile) -> None:
    """Save a new row whose bytes are stored; without the row they are deleted again."""
    try:
        with transaction.atomic():
            stored.save(force_insert=True)
    except BaseException:
        storage().delete(stored.stored_as)
        raise
