"""Receives files in parts, and gives them to be checked.

A large file comes in parts; `Upload.received` says where to go on after a break. Once all are there
they are put together, checked and measured: at once where the file is small, else in the background
(authoring/checking.py). What is refused leaves nothing behind.
"""

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from authoring.formats.inspecting import Inspected, inspect
from authoring.formats.problems import FileProblem
from authoring.models import Kind, Role, State, StoredFile, Upload
from authoring.storing import (
    MEGABYTE,
    UploadRefused,
    announce,
    clean_name,
    delete,
    delete_after_commit,
    keep,
    replace_earlier,
    row_of,
    save_bytes,
    space_on_disk,
    storage,
    temporary_file,
    withdraw,
)
from progress.catalogue.media_length import TOLERANCE_MS
from progress.models import Course, User
from progress.pages.words import clock

PART_BYTES = 4 * 1024 * 1024
KEPT_DAYS = 7
MAX_UNFINISHED = 20
# Of what belongs to a video; a content may have UPLOAD_MAX_MB.
MAX_BYTES = {
    Role.CAPTIONS: 2 * MEGABYTE,
    Role.CHAPTERS: 2 * MEGABYTE,
    Role.POSTER: 5 * MEGABYTE,
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


class WrongOffset(Exception):
    """A part doesn't begin where the last one ended; `received` says where that was."""

    def __init__(self, received: int):
        super().__init__(received)
        self.received = received


class UnknownUpload(Exception):
    """There is no such upload of this user."""


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
    if Upload.objects.filter(owner=by, file=None).count() >= MAX_UNFINISHED:
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
    found = StoredFile.objects.usable().filter(course=course, role=Role.CONTENT)
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


# --- Parts ---------------------------------------------------------------------------------------
@transaction.atomic
def append(upload_id: UUID, by: User, offset: int, part: bytes) -> Upload:
    """Store the next part. Raises UnknownUpload, WrongOffset or UploadRefused.

    The lock puts two requests for the same upload one after the other.
    """
    upload = locked(upload_id, by)
    if offset != upload.received:
        raise WrongOffset(upload.received)
    if not part or len(part) > PART_BYTES:
        raise UploadRefused("file", _("A part of the file has an impossible size."))
    if upload.received + len(part) > upload.size:
        raise UploadRefused("file", _("The file is longer than it was said to be."))
    name = save_bytes(_part_name(upload, offset), ContentFile(part))
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


def locked(upload_id: UUID, by: User) -> Upload:
    return _get(Upload.objects.of(by).select_for_update(of=("self",)), upload_id)


def _get(rows, upload_id: UUID) -> Upload:
    try:
        return rows.get(public_id=upload_id)
    except Upload.DoesNotExist:
        raise UnknownUpload from None


@transaction.atomic
def cancel(upload_id: UUID, by: User) -> None:
    """Give an upload up, also while it is measured. Raises UnknownUpload."""
    upload = locked(upload_id, by)
    discard(upload)
    if upload.file is not None:
        withdraw(upload.file)


def prune(now: datetime) -> int:
    """Give up uploads without a new part for KEPT_DAYS, and forget what was refused that long ago;
    returns how many."""
    before = now - timedelta(days=KEPT_DAYS)
    old = Upload.objects.filter(updated_at__lt=before, file=None)
    count = 0
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            # One that goes on at this moment is left alone.
            upload = old.filter(pk=pk).select_for_update(skip_locked=True).first()
            if upload is not None:
                discard(upload)
                count += 1
    refused = StoredFile.objects.current().filter(state=State.FAILED, uploaded_at__lt=before)
    return count + refused.update(removed_at=now)


def discard(upload: Upload) -> None:
    """Delete an upload, and its parts once that is committed."""
    delete_after_commit(upload.parts)
    upload.delete()


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
        return stored_from(upload, file, saved)

    try:
        with transaction.atomic():
            upload = locked(upload_id, by)
            if upload.received != upload.size:
                raise WrongOffset(upload.received)
            with space_on_disk(), temporary_file() as whole:
                put_together(upload, whole)
                found = store(upload, whole, add)
            discard(upload)
            announce(*found)
            return found
    except BaseException as error:
        # No row knows of them then.
        delete(saved)
        if isinstance(error, FileProblem):
            cancel(upload_id, by)
            raise UploadRefused("file", str(error)) from None
        raise


def stored_from(upload: Upload, file: IO[bytes], saved: list[str]) -> StoredFile:
    """Check a file, store its bytes, whose name is added to `saved`, and its row.

    Raises FileProblem.
    """
    stored = row_of(upload)
    found = inspect(Path(file.name), upload.role)
    _check_within(found, upload)
    keep(stored, found, file)
    saved.append(stored.stored_as)
    replace_earlier(upload)
    stored.save(force_insert=True)
    return stored


def _check_within(found: Inspected, upload: Upload) -> None:
    """Captions or chapters that begin after the end belong to another film. Raises FileProblem."""
    end_ms = upload.media.duration_ms if upload.media is not None else None
    if found.last_cue_ms is None or end_ms is None or found.last_cue_ms <= end_ms + TOLERANCE_MS:
        return
    message = _(
        "Its last line starts at %(start)s, and the film ends at %(end)s: choose its own file."
    )
    raise FileProblem(message % {"start": clock(found.last_cue_ms), "end": clock(end_ms)})


def put_together(
    upload: Upload, whole: IO[bytes], note: Callable[[int], None] = lambda count: None
) -> None:
    """Write the parts into one file; `note` is called with their count after each."""
    for name in upload.parts:
        with storage().open(name) as part:
            shutil.copyfileobj(part, whole)
        note(whole.tell())
    whole.flush()


@transaction.atomic
def remove(stored: StoredFile) -> None:
    """Remove captions, chapters or a poster, or a file that isn't measured; courses may refer to
    any other file of a content."""
    if stored.removed_at is not None:
        return
    if stored.role == Role.CONTENT and stored.state == State.MEASURED:
        return
    upload = Upload.objects.select_for_update().filter(file=stored).first()
    if upload is not None:
        discard(upload)
    withdraw(stored)
    announce(stored)
