"""A deck of slides (.pptx) as pages, by a program that the operator has installed.

A deck is shown as a whole or not at all: what can't be drawn from the file itself is refused, and
so is a result that hasn't a page for each slide.
"""

import os
import posixpath
import re
import signal
import subprocess
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from .measuring import count_pages
from .problems import FileProblem

DECK = "ppt/presentation.xml"
MAX_XML_BYTES = 32 * 1024 * 1024
MAX_SECONDS = 300
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    ElementTree.ParseError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def is_deck(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as opened:
            return DECK in opened.namelist()
    except _UNREADABLE:
        return False


def to_pdf(path: Path, program: str, folder: Path, max_bytes: int) -> Path:
    """Returns the PDF of a deck, in `folder`. Raises FileProblem."""
    slides = slide_count(path, max_bytes)
    made = _converted(path, program, folder)
    if made is None or count_pages(made) != slides:
        raise FileProblem(
            _(
                "Not every slide of this deck can be drawn here. In PowerPoint choose File, "
                "Export, PDF, and upload that."
            )
        )
    return made


def slide_count(path: Path, max_bytes: int) -> int:
    """How many slides a deck shows. Raises FileProblem for what can't be drawn by itself."""
    try:
        with zipfile.ZipFile(path) as opened:
            if sum(each.file_size for each in opened.infolist()) > max_bytes:
                raise FileProblem(_("This deck is too large when it is unpacked."))
            if any(each.flag_bits & 0x1 for each in opened.infolist()):
                raise FileProblem(_("This deck has a password. Remove it and upload it again."))
            _refuse_links(opened)
            slides = [each for each in _slides(opened) if not _is_hidden(opened, each)]
    except FileProblem:
        raise
    except _UNREADABLE:
        raise FileProblem(_("This deck is damaged: it can't be read.")) from None
    if not slides:
        raise FileProblem(_("There is no slide in this deck."))
    return len(slides)


def _slides(opened: zipfile.ZipFile) -> list[str]:
    """The names of the slides' files, in their order."""
    related = {
        each.get("Id"): posixpath.normpath(posixpath.join("ppt", each.get("Target", "")))
        for each in _read(opened, "ppt/_rels/presentation.xml.rels")
    }
    shown = _read(opened, DECK).iter()
    ids = [each.get(f"{{{_RELATIONS}}}id") for each in shown if each.tag.endswith("}sldId")]
    return [related[each] for each in ids]


def _is_hidden(opened: zipfile.ZipFile, name: str) -> bool:
    return _read(opened, name).get("show") in {"0", "false"}


def _refuse_links(opened: zipfile.ZipFile) -> None:
    """Pictures and films that are elsewhere: the program would ask other machines for them."""
    for name in opened.namelist():
        if not re.fullmatch(r"ppt/.*\.rels", name):
            continue
        for each in _read(opened, name):
            is_link = each.get("Type", "").endswith("/hyperlink")
            if each.get("TargetMode") == "External" and not is_link:
                raise FileProblem(
                    _("Parts of this deck are in other files. Put them into the deck.")
                )


def _read(opened: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if opened.getinfo(name).file_size > MAX_XML_BYTES:
        raise ValueError(name)
    content = opened.read(name)
    # Neither is there in what PowerPoint writes; entities could grow without end.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError(name)
    return ElementTree.fromstring(content)


def _converted(path: Path, program: str, folder: Path) -> Path | None:
    """What the program makes of a deck; None where it fails or takes too long."""
    source = folder / "deck.pptx"
    os.link(path, source)
    with TemporaryDirectory(dir=folder) as profile:
        command = [
            program,
            "--headless",
            "--norestore",
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(source),
        ]
        quiet = subprocess.DEVNULL
        # The program starts others: all of them end with their group.
        running = subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=folder, start_new_session=True
        )
        try:
            running.wait(MAX_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(running)
    made = folder / "deck.pdf"
    return made if running.returncode == 0 and made.is_file() else None


def _end(running: subprocess.Popen) -> None:
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    running.wait()
