"""Checks and measures large uploads in the background, where no request waits for them.

What arrives gets a row at once, so that it has an address; its bytes are stored when it is known
what they are. A worker that is killed leaves the upload as it was, and it is checked again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils import translation
from django.utils.translation import gettext as _

from authoring import storing, unpacking, uploading
from authoring.formats import archives, decks, inspecting
from authoring.formats.inspecting import Inspected
from authoring.formats.problems import FileProblem
from authoring.formats.signatures import HEAD_BYTES, Format, format_of
from authoring.models import Role, State, StoredFile, Upload
from authoring.storing import MEGABYTE, UploadRefused, storage, temporary_file
from authoring.uploading import WrongOffset
from progress.models import User

# (upload_id): an upload waits to be checked.
upload_waits = Signal()
MAX_TRIES = 3
NOTE_EVERY_BYTES = 32 * MEGABYTE


# --- In the request ------------------------------------------------------------------------------
def finish(upload_id: UUID, by: User, *, unpacks: bool) -> StoredFile:
    """Store a small file, or let a large one wait to be measured. With `unpacks`, of a ZIP the
    files in it are stored; the first is returned.

    Raises UnknownUpload, WrongOffset or UploadRefused.
    """
    upload = uploading.find(upload_id, by)
    if upload.file is not None:
        return upload.file  # asked twice
    if upload.received == upload.size and _takes_long(upload):
        return _let_wait(upload_id, by, unpacks)
    if not unpacks:
        return uploading.finish(upload_id, by)
    return uploading.finish_as(upload_id, by, unpacking.store)[0]


def _takes_long(upload: Upload) -> bool:
    if upload.role != Role.CONTENT:
        return False
    if upload.size > settings.UPLOAD_MEASURE_AT_ONCE_MB * MEGABYTE:
        return True
    return bool(settings.OFFICE_CONVERTER) and format_of(_head(upload)) is Format.ARCHIVE


def _head(upload: Upload) -> bytes:
    with storage().open(upload.parts[0]) as part:
        return part.read(HEAD_BYTES)


def _let_wait(upload_id: UUID, by: User, unpacks: bool) -> StoredFile:
    try:
        with transaction.atomic():
            upload = uploading.locked(upload_id, by)
            if upload.received != upload.size:
                raise WrongOffset(upload.received)
            if upload.file is None:
                upload.file = _waiting_row(upload)
                upload.unpacks = unpacks
                upload.save(update_fields=["file", "unpacks"])
                transaction.on_commit(lambda: _tell(upload.pk), robust=True)
            return upload.file
    except FileProblem as problem:
        uploading.cancel(upload_id, by)
        raise UploadRefused("file", str(problem)) from None


def _waiting_row(upload: Upload) -> StoredFile:
    stored = storing.row_of(upload)
    storing.describe(stored, inspecting.presumed(_head(upload)))
    stored.state = State.WAITING
    stored.save(force_insert=True)
    return stored


def _tell(upload_id: int) -> None:
    upload_waits.send_robust(Upload, upload_id=upload_id)


# --- In the background ---------------------------------------------------------------------------
def waiting() -> Iterator[int]:
    """The uploads that are to be checked, oldest first."""
    rows = Upload.objects.exclude(file=None).order_by("pk")
    yield from rows.values_list("pk", flat=True)


def check(upload_id: int) -> int:
    """Check an upload, and store what it brings; returns how many files.

    One that can't be used is refused: its row says why. A full disk refuses nothing.
    """
    upload = _begin(upload_id)
    if upload is None:
        return 0
    with translation.override(_language_of(upload)):
        try:
            with storing.space_on_disk(), temporary_file() as whole:
                uploading.put_together(upload, whole, _noting(upload))
                return _store(upload, whole)
        except FileProblem as problem:
            _refuse(upload_id, str(problem))
        except UploadRefused as full:
            _wait_for_space(upload_id, full.message)
        except FileNotFoundError:
            # Given up meanwhile: its parts are gone.
            if Upload.objects.filter(pk=upload_id).exists():
                raise
    return 0


def _language_of(upload: Upload) -> str:
    return upload.owner.mail_language


def _begin(upload_id: int) -> Upload | None:
    """The upload, if it is still there and may be tried."""
    with transaction.atomic():
        upload = _locked(upload_id)
        if upload is None or upload.file is None:
            return None
        upload.tries += 1
        upload.checked = 0
        upload.save(update_fields=["tries", "checked"])
        StoredFile.objects.filter(pk=upload.file_id, state=State.WAITING).update(
            state=State.MEASURING, problem=""
        )
    if upload.tries <= MAX_TRIES:
        return upload
    with translation.override(_language_of(upload)):
        _refuse(upload_id, _("It couldn't be measured in three tries. Export it again."))
    return None


def _locked(upload_id: int) -> Upload | None:
    rows = Upload.objects.select_related("owner", "file").select_for_update(of=("self",))
    return rows.filter(pk=upload_id).first()


def _noting(upload: Upload):
    """Notes how far the work is, now and then: each part would be a statement."""
    noted = 0

    def note(count: int) -> None:
        nonlocal noted
        if count - noted >= NOTE_EVERY_BYTES:
            noted = count
            Upload.objects.filter(pk=upload.pk).update(checked=count)

    return note


def _store(upload: Upload, whole: IO[bytes]) -> int:
    path = Path(whole.name)
    if upload.unpacks and archives.is_archive(path):
        return _store_archive(upload, whole)
    if decks.is_deck(path) and settings.OFFICE_CONVERTER:
        with _drawn(path) as pdf:
            return _store_one(upload, inspecting.inspect(Path(pdf.name), Role.CONTENT), pdf)
    return _store_one(upload, inspecting.inspect(path, upload.role), whole)


@contextmanager
def _drawn(path: Path) -> Iterator[IO[bytes]]:
    """The PDF of a deck."""
    most = settings.UPLOAD_MAX_MB * MEGABYTE
    # In the same folder, so that what was drawn is moved to its place.
    with TemporaryDirectory(prefix=storing.WORK_PREFIX, dir=storing.work_folder()) as folder:
        made = decks.to_pdf(path, settings.OFFICE_CONVERTER, Path(folder), most)
        with made.open("rb") as pdf:
            yield pdf


def _store_one(upload: Upload, found: Inspected, file: IO[bytes]) -> int:
    stored = upload.file
    assert stored is not None  # as it was begun
    # What a killed worker may have stored under the same name.
    for ending in {stored.ending, found.ending}:
        storage().delete(storing.stored_name(stored.public_id, ending))
    storing.keep(stored, found, file)
    with _kept_if_stored([stored.stored_as]), transaction.atomic():
        current = _locked(upload.pk)
        if current is None:
            raise _GivenUp
        stored.save(force_update=True)
        uploading.discard(current)
        return 1
    return 0


def _store_archive(upload: Upload, whole: IO[bytes]) -> int:
    """Store the files of a ZIP, all or none, in place of the row that stood for them."""
    saved: list[str] = []

    def add(part: Upload, file: IO[bytes]) -> StoredFile:
        return uploading.stored_from(part, file, saved)

    with _kept_if_stored(saved), transaction.atomic():
        current = _locked(upload.pk)
        if current is None or current.file is None:
            raise _GivenUp
        found = unpacking.store(current, whole, add)
        placeholder = current.file
        uploading.discard(current)
        storing.withdraw(placeholder)
        storing.announce(*found)
        return len(found)
    return 0


class _GivenUp(Exception):
    """The upload was cancelled while it was checked."""


@contextmanager
def _kept_if_stored(names: list[str]) -> Iterator[None]:
    """Deletes these bytes again when their rows aren't stored."""
    try:
        yield
    except BaseException as error:
        storing.delete(names)
        if not isinstance(error, _GivenUp):
            raise


def _refuse(upload_id: int, why: str) -> None:
    with transaction.atomic():
        upload = _locked(upload_id)
        if upload is not None and upload.file is not None:
            upload.file.state, upload.file.problem = State.FAILED, why
            upload.file.save(update_fields=["state", "problem"])
            uploading.discard(upload)


def _wait_for_space(upload_id: int, why: str) -> None:
    """Try it again later: the file isn't at fault."""
    with transaction.atomic():
        upload = _locked(upload_id)
        if upload is not None and upload.file is not None:
            upload.tries, upload.checked = 0, 0
            upload.save(update_fields=["tries", "checked"])
            upload.file.state, upload.file.problem = State.WAITING, why
            upload.file.save(update_fields=["state", "problem"])


# --- What killed workers leave -------------------------------------------------------------------
def delete_leftovers(now: datetime) -> int:
    """Delete bytes that no row knows, when they are older than a day; returns how many."""
    before = now - storing.LEFTOVER_AGE
    count = 0
    for folder in storing.folders("files"):
        names = storing.names_in(folder)
        stored_as = [f"{folder}/{name}" for name in names]
        known = set(
            StoredFile.objects.filter(stored_as__in=stored_as, removed_at=None).values_list(
                "stored_as", flat=True
            )
        )
        old = [
            each
            for each in stored_as
            if each not in known and storage().get_modified_time(each) < before
        ]
        storing.delete(old)
        count += len(old)
    return count + storing.delete_old_work(before)
