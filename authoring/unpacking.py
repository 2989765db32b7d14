"""Stores the files of a ZIP: all of them, or none."""

from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from authoring.formats import archives
from authoring.formats.archives import Archive
from authoring.formats.problems import FileProblem
from authoring.models import Kind, Role, StoredFile, Upload
from authoring.storing import MEGABYTE, clean_name, temporary_file
from authoring.uploading import Add, max_bytes


def store(upload: Upload, whole: IO[bytes], add: Add) -> list[StoredFile]:
    """The file itself, or what is in it if it is a ZIP (see uploading.finish_as)."""
    path = Path(whole.name)
    if upload.role != Role.CONTENT or not archives.is_archive(path):
        return [add(upload, whole)]
    stored = []
    with archives.reading(path, settings.UPLOAD_MAX_MB * MEGABYTE) as archive:
        for planned in archive.plan():
            own = _store(archive, _part_of(upload, planned.name), planned.name, add)
            stored.append(own)
            for each in planned.belongings:
                if own.kind not in {Kind.VIDEO, Kind.AUDIO}:
                    message = _("Only videos and recordings have captions.")
                    raise FileProblem(f"{each.name}: {message}")
                values = {"role": each.role, "media": own, "language": each.language}
                _store(archive, _part_of(upload, each.name, **values), each.name, add)
    return stored


def _part_of(upload: Upload, name: str, **values) -> Upload:
    """An upload that is never saved, for one file of the archive."""
    values = {"role": Role.CONTENT} | values
    return Upload(
        course_id=upload.course_id, owner_id=upload.owner_id, name=clean_name(name), **values
    )


def _store(archive: Archive, upload: Upload, name: str, add: Add) -> StoredFile:
    """Raises FileProblem, with the file's name."""
    if archive.size(name) > max_bytes(upload.role):
        most = max_bytes(upload.role) // MEGABYTE
        message = _("This file is too large: %(most)d MB is the limit.") % {"most": most}
        raise FileProblem(f"{name}: {message}")
    with temporary_file() as part:
        archive.copy(name, part)
        part.flush()
        try:
            return add(upload, part)
        except FileProblem as problem:
            raise FileProblem(f"{name}: {problem}") from None
