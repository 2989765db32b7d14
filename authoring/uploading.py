"""Receives files in parts, checks them, and stores them. The only writer of uploaded files.

A large file comes in parts; `Upload.received` says where to go on after a break. Once all are there
they are put together, checked and measured. What is refused leaves nothing behind.
"""

import errno
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from authoring.formats.inspecting import Inspected, inspect
from authoring.formats.markdown import plain_words
from authoring.formats.measuring import MAX_TEXT_BYTES
from authoring.formats.problems import FileProblem
from authoring.models import Kind, Role, StoredFile, Upload
from progress.models import Course, User
from progress.signals import captions_changed

PART_BYTES = 4 * 1024 * 1024
KEPT_DAYS = 7
MAX_UNFINISHED = 20
MEGABYTE = 1024 * 1024
# Of what belongs to a video; a content may have UPLOAD_MAX_MB.
MAX_BYTES = {
    Role.CAPTIONS: 2 * MEGABYTE,
    Role.CHAPTERS: 2 * MEGABYTE,
    Role.POSTER: 5 * MEGABYTE,
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_FULL = {errno.ENOSPC, errno.EDQUOT}


class UploadRefused(Exception):
    """A file or a part of it isn't accepted: the field at fault, and why in words."""

    def __init__(self, field: str, message: str, *, status: int = 400):
        super().__init__(message)
        self.field, self.message, self.status = field, message, status


class WrongOffset(Exception):
    """A part doesn't begin where the last one ended; `received` says where that was."""

    def __init__(self, received: int):
        super().__init__(received)
        self.received = received


class UnknownUpload(Exception):
    """There is no such upload of this user."""


def storage() -> Storage:
    return storages["uploads"]


# --- Start ---------------------------------------------------------------------------------------
def start(
    course: Course,
    by: User,
    *,
    name: str,
    size: int,
    role: str = Role.CONTENT,
    media: StoredFile | None = None,
    language: str = "",
) -> Upload:
    """Begin an upload. Raises UploadRefused, before any byte is sent, where that can be known."""
    if role not in Role.values:
        raise UploadRefused("role", _("Choose what the file is for."))
    _check_size(size, role)
    if (role == Role.CONTENT) != (media is None):
        raise UploadRefused("media", _("Choose the video or recording that it belongs to."))
    if media is not None and media.kind not in {Kind.VIDEO, Kind.AUDIO}:
        raise UploadRefused("media", _("Only videos and recordings have captions."))
    if role == Role.CAPTIONS and not _LANGUAGE.fullmatch(language):
        raise UploadRefused("language", _("Choose the language of the captions."))
    if Upload.objects.filter(owner=by).count() >= MAX_UNFINISHED:
        raise UploadRefused("file", _("Finish or cancel your other uploads first."))
    return Upload.objects.create(
        course=course,
        owner=by,
        name=clean_name(name),
        size=size,
        role=role,
        media=media,
        language=language.lower() if role == Role.CAPTIONS else "",
    )


def media_file(course: Course, **which) -> StoredFile | None:
    """The course's own video or recording with this `public_id`, or `pk`."""
    found = StoredFile.objects.current().filter(course=course, role=Role.CONTENT)
    return found.filter(**which).first()


def max_bytes(role: str) -> int:
    return MAX_BYTES.get(Role(role), settings.UPLOAD_MAX_MB * MEGABYTE)


def _check_size(size: int, role: str) -> None:
    if size < 1:
        raise UploadRefused("file", _("This file is empty."))
    if size > max_bytes(role):
        most = max_bytes(role) // MEGABYTE
        raise UploadRefused(
            "file", _("This file is too large: %(most)d MB is the limit.") % {"most": most}
        )


def clean_name(name: str) -> str:
    """The last part of a file's name, as it is shown: no folders, no control characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    return shown[-200:] or "file"


# --- Parts ---------------------------------------------------------------------------------------
@transaction.atomic
def append(upload_id: UUID, by: User, offset: int, part: bytes) -> Upload:
    """Store the next part. Raises UnknownUpload, WrongOffset or UploadRefused.

    The lock puts two requests for the same upload one after the other.
    """
    upload = _locked(upload_id, by)
    if offset != upload.received:
        raise WrongOffset(upload.received)
    if not part or len(part) > PART_BYTES:
        raise UploadRefused("file", _("A part of the file has an impossible size."))
    if upload.received + len(part) > upload.size:
        raise UploadRefused("file", _("The file is longer than it was said to be."))
    name = _save(_part_name(upload, offset), ContentFile(part))
    upload.parts.append(name)
    upload.received += len(part)
    upload.updated_at = timezone.now()
    upload.save(update_fields=["parts", "received", "updated_at"])
    return upload


def _part_name(upload: Upload, offset: int) -> str:
    return f"parts/{upload.public_id.hex}/{offset:014}"


def find(upload_id: UUID, by: User) -> Upload:
    """Raises UnknownUpload, also for an upload to a course that the user no longer teaches."""
    return _get(Upload.objects.of(by), upload_id)


def _locked(upload_id: UUID, by: User) -> Upload:
    return _get(Upload.objects.of(by).select_for_update(of=("self",)), upload_id)


def _get(rows, upload_id: UUID) -> Upload:
    try:
        return rows.get(public_id=upload_id)
    except Upload.DoesNotExist:
        raise UnknownUpload from None


@transaction.atomic
def cancel(upload_id: UUID, by: User) -> None:
    """Give an upload up. Raises UnknownUpload."""
    _discard(_locked(upload_id, by))


def prune(now: datetime) -> int:
    """Give up uploads without a new part for KEPT_DAYS; returns how many."""
    old = Upload.objects.filter(updated_at__lt=now - timedelta(days=KEPT_DAYS))
    count = 0
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            # One that goes on at this moment is left alone.
            upload = old.filter(pk=pk).select_for_update(skip_locked=True).first()
            if upload is not None:
                _discard(upload)
                count += 1
    return count


def _discard(upload: Upload) -> None:
    """Delete an upload, and its parts once that is committed."""
    _delete_after_commit(upload.parts)
    upload.delete()


def _delete_after_commit(names: list[str]) -> None:
    transaction.on_commit(partial(_delete, list(names)), robust=True)


def _delete(names: list[str]) -> None:
    for name in names:
        storage().delete(name)


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
        stored.stored_as = _save(_stored_name(public_id, ".md"), ContentFile(source))
    except UploadRefused as full:
        raise UploadRefused("text", full.message, status=full.status) from None
    try:
        with transaction.atomic():
            stored.save(force_insert=True)
    except BaseException:
        storage().delete(stored.stored_as)
        raise
    return stored


def _stored_name(public_id: UUID, ending: str) -> str:
    return f"files/{public_id.hex[:2]}/{public_id.hex}{ending}"


# --- The end -------------------------------------------------------------------------------------
Add = Callable[[Upload, IO[bytes]], StoredFile]


def finish(upload_id: UUID, by: User) -> StoredFile:
    """Check the file and store it. Raises UnknownUpload, WrongOffset or UploadRefused.

    A file that is refused is deleted with its upload; where only the disk is full, both stay, so
    that it can be tried again.
    """
    [stored] = finish_as(upload_id, by, lambda upload, whole, add: [add(upload, whole)])
    return stored


def finish_as(
    upload_id: UUID,
    by: User,
    store: Callable[[Upload, IO[bytes], Add], list[StoredFile]],
) -> list[StoredFile]:
    """`finish`, where `store` adds one file or several from the bytes: all are stored or none."""
    saved: list[str] = []

    def add(upload: Upload, file: IO[bytes]) -> StoredFile:
        stored = _saved(upload, file)
        saved.append(stored.stored_as)
        _replace_earlier(upload)
        stored.save(force_insert=True)
        return stored

    try:
        with transaction.atomic():
            upload = _locked(upload_id, by)
            if upload.received != upload.size:
                raise WrongOffset(upload.received)
            with _space_on_disk(), temporary_file() as whole:
                _put_together(upload, whole)
                found = store(upload, whole, add)
            _discard(upload)
            _announce(*found)
            return found
    except BaseException as error:
        # No row knows of them then.
        _delete(saved)
        if isinstance(error, FileProblem):
            cancel(upload_id, by)
            raise UploadRefused("file", str(error)) from None
        raise


def _put_together(upload: Upload, whole: IO[bytes]) -> None:
    for name in upload.parts:
        with storage().open(name) as part:
            shutil.copyfileobj(part, whole)
    whole.flush()


def _saved(upload: Upload, file: IO[bytes]) -> StoredFile:
    """Check a file, and store its bytes; the row isn't saved yet."""
    found = inspect(Path(file.name), upload.role)
    if found.replacement is not None:
        content: File = ContentFile(found.replacement)
    else:
        file.seek(0)
        content = File(file)
    stored = _row(upload, found, content.size)
    stored.stored_as = _save(stored.stored_as, content)
    return stored


def temporary_file():
    """On the disk of the files themselves, where there is one: /tmp may be small, or in memory."""
    folder = storage().location if isinstance(storage(), FileSystemStorage) else None
    return tempfile.NamedTemporaryFile(prefix="upload-", dir=folder)


def _row(upload: Upload, found: Inspected, size: int) -> StoredFile:
    public_id = uuid4()
    return StoredFile(
        public_id=public_id,
        course_id=upload.course_id,
        role=upload.role,
        kind=found.kind,
        media_id=upload.media_id,
        language=upload.language,
        name=upload.name,
        content_type=found.content_type,
        ending=found.ending,
        size=size,
        duration_ms=found.duration_ms,
        page_count=found.page_count,
        words=found.words,
        stored_as=_stored_name(public_id, found.ending),
        uploaded_by_id=upload.owner_id,
    )


def _replace_earlier(upload: Upload) -> None:
    """Captions in one language, chapters and a poster are there once for a video."""
    if upload.media_id is not None:
        # The lock puts two uploads for the same video one after the other.
        StoredFile.objects.select_for_update(no_key=True).get(pk=upload.media_id)
        earlier = StoredFile.objects.current().filter(
            media=upload.media_id, role=upload.role, language=upload.language
        )
        for stored in earlier.select_for_update(of=("self",)):
            _remove(stored)


@transaction.atomic
def remove(stored: StoredFile) -> None:
    """Remove captions, chapters or a poster; courses may still refer to a content's own file."""
    if stored.role != Role.CONTENT and stored.removed_at is None:
        _remove(stored)
        _announce(stored)


def _announce(*files: StoredFile) -> None:
    for course in {each.course_id for each in files if each.role == Role.CAPTIONS}:
        transaction.on_commit(partial(captions_changed.send_robust, StoredFile, course_id=course))


def _remove(stored: StoredFile) -> None:
    stored.removed_at = timezone.now()
    stored.save(update_fields=["removed_at"])
    _delete_after_commit([stored.stored_as])


def _save(name: str, content: File) -> str:
    """Store a file; returns its name there. What was written before a failure is deleted."""
    with _space_on_disk():
        try:
            return storage().save(name, content)
        except OSError:
            storage().delete(name)
            raise


@contextmanager
def _space_on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise UploadRefused(
            "file", _("There is no space left for files. Ask the administrator."), status=507
        ) from None
