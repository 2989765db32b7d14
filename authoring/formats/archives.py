"""A ZIP of media: which files are in it, and which belong to which.

`manifest.json` may say so; otherwise names do: `film.en.vtt` has the captions of `film.mp4` in
English, `film.chapters.vtt` its chapters, `film.jpg` is its poster.
"""

import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from .inspecting import CAPTIONS, CHAPTERS, POSTER
from .problems import FileProblem

MAX_FILES = 200
MAX_MANIFEST_BYTES = 1024 * 1024
MANIFEST = "manifest.json"
_ENCRYPTED = 0x1
_TRACKS = {".vtt", ".srt"}
_NOT_PLAYED = {".pdf", ".txt", ".md"}
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_OF_OFFICE = {"[Content_Types].xml", "mimetype"}
# What systems add by themselves.
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)")


@dataclass(frozen=True, slots=True)
class Belonging:
    role: str
    name: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A content's own file, and what belongs to it; by their names in the archive."""

    name: str
    belongings: list[Belonging] = field(default_factory=list)


class Archive:
    """The files of an open ZIP. Nothing is written under the names that are in it."""

    def __init__(self, opened: zipfile.ZipFile, max_bytes: int):
        self._opened = opened
        self._members = {each.filename: each for each in _members(opened, max_bytes)}

    def plan(self) -> list[Planned]:
        """Raises FileProblem for a manifest that is wrong."""
        names = [name for name in self._members if name != MANIFEST]
        return _from_manifest(self._manifest(), names) if self._has_manifest else _by_name(names)

    @property
    def _has_manifest(self) -> bool:
        return MANIFEST in self._members

    def size(self, name: str) -> int:
        return self._members[name].file_size

    def copy(self, name: str, to: BinaryIO) -> None:
        """Write a file's bytes, which are never more than the archive says. Raises FileProblem."""
        try:
            with self._opened.open(self._members[name]) as source:
                shutil.copyfileobj(source, to)
        except _UNREADABLE:
            raise _damaged() from None

    def _manifest(self) -> object:
        if self.size(MANIFEST) > MAX_MANIFEST_BYTES:
            raise FileProblem(_("manifest.json is too large."))
        try:
            return json.loads(self._opened.read(MANIFEST))
        except _UNREADABLE:
            raise _damaged() from None
        except (ValueError, RecursionError):
            raise FileProblem(_("manifest.json isn't JSON.")) from None


_UNREADABLE = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, zlib.error)


def is_archive(path: Path) -> bool:
    """Whether this is a ZIP of files; an office file is one too, but isn't taken for one."""
    try:
        with zipfile.ZipFile(path) as opened:
            return _OF_OFFICE.isdisjoint(opened.namelist())
    except (OSError, ValueError, *_UNREADABLE):
        return False


@contextmanager
def reading(path: Path, max_bytes: int) -> Iterator[Archive]:
    """Raises FileProblem for what no archive of media has; before anything is unpacked."""
    try:
        opened = zipfile.ZipFile(path)
    except (ValueError, *_UNREADABLE):
        raise _damaged() from None
    with opened:
        yield Archive(opened, max_bytes)


def _members(opened: zipfile.ZipFile, max_bytes: int) -> list[zipfile.ZipInfo]:
    found = [each for each in opened.infolist() if not each.is_dir()]
    for each in found:
        _check_name(each.filename)
    found = [each for each in found if not _LITTER.search(each.filename)]
    if not found:
        raise FileProblem(_("There is no file in this ZIP."))
    if len(found) > MAX_FILES or len({each.filename for each in found}) < len(found):
        raise FileProblem(
            _("A ZIP may have at most %(most)d files, each name once.") % {"most": MAX_FILES}
        )
    if sum(each.file_size for each in found) > max_bytes:
        most = max_bytes // (1024 * 1024)
        raise FileProblem(_("Unpacked, this ZIP has more than %(most)d MB.") % {"most": most})
    if any(each.flag_bits & _ENCRYPTED for each in found):
        raise FileProblem(_("This ZIP has a password. Make one without."))
    return found


def _check_name(name: str) -> None:
    parts = PurePosixPath(name).parts
    is_outside = (
        name.startswith("/") or ".." in parts or "\\" in name or re.match("[A-Za-z]:", name)
    )
    if is_outside or not name.isprintable():
        raise FileProblem(_("This ZIP has a file that leads out of it, and isn't unpacked."))


def _damaged() -> FileProblem:
    return FileProblem(_("This ZIP is damaged: it can't be unpacked. Make it again."))


# --- Which belong to which -----------------------------------------------------------------------
def _by_name(names: list[str]) -> list[Planned]:
    own = [each for each in names if _suffix(each) not in _TRACKS | _PICTURES]
    planned = [Planned(each) for each in sorted(own)]
    # Of film.mp4 and film.pdf it is the first that has captions.
    by_stem: dict[str, Planned] = {}
    for each in sorted(planned, key=lambda each: _suffix(each.name) in _NOT_PLAYED):
        by_stem.setdefault(str(PurePosixPath(each.name).with_suffix("")), each)
    for name in sorted(set(names) - set(own)):
        stem, belonging = _belonging(name)
        if stem not in by_stem:
            message = _("%(name)s belongs to no other file: name it like its video.")
            raise FileProblem(message % {"name": name})
        by_stem[stem].belongings.append(belonging)
    return planned


def _belonging(name: str) -> tuple[str, Belonging]:
    """What `film.en.vtt` is, and that it belongs to `film`."""
    path = PurePosixPath(name).with_suffix("")
    if _suffix(name) in _PICTURES:
        return str(path), Belonging(POSTER, name)
    tag = path.suffix.removeprefix(".")
    stem = str(path.with_suffix(""))
    if tag == "chapters":
        return stem, Belonging(CHAPTERS, name)
    if not _LANGUAGE.fullmatch(tag):
        message = _("%(name)s doesn't say its language: name it like film.en.vtt.")
        raise FileProblem(message % {"name": name})
    return stem, Belonging(CAPTIONS, name, tag.lower())


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _from_manifest(manifest: object, names: list[str]) -> list[Planned]:
    rows = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise FileProblem(_('manifest.json needs a list of objects, "files".'))
    planned = [_planned(row) for row in rows]
    for each in planned:
        for name in (each.name, *(one.name for one in each.belongings)):
            if name not in names:
                message = _("manifest.json names %(name)s, which isn't in the ZIP.")
                raise FileProblem(message % {"name": name})
    return planned


def _planned(row: dict) -> Planned:
    captions = row.get("captions", {})
    named = [(POSTER, row.get("poster"), ""), (CHAPTERS, row.get("chapters"), "")]
    if isinstance(captions, dict):
        named += [(CAPTIONS, name, language) for language, name in captions.items()]
    texts = [row.get("file"), *(name for _role, name, _language in named if name is not None)]
    languages = [language for role, _name, language in named if role == CAPTIONS]
    is_valid = isinstance(captions, dict) and all(isinstance(text, str) for text in texts)
    if not is_valid or not all(map(_LANGUAGE.fullmatch, languages)):
        raise FileProblem(
            _('In manifest.json a file has "file", and may have "captions", "chapters", "poster".')
        )
    belongings = [
        Belonging(role, name, language.lower())
        for role, name, language in named
        if name is not None
    ]
    return Planned(row["file"], belongings)
