"""Which files hold a content's words, among the site's own and the uploaded ones."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from progress import slots
from progress.catalogue.completable import text_file
from progress.catalogue.reading_time import static_file
from progress.files.pdf_text import pages_of
from progress.models import Content
from progress.pages.content_files import markup_at, read_transcript, static_captions

from . import passages
from .passages import PassageText

# Raised when the same files become other passages.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """`stamp` changes with the files; `read` gives the passages by language, "" for documents.

    `read` raises OSError for a file that is gone.
    """

    stamp: str
    read: Callable[[], dict[str, list[PassageText]]]


def source_of(content: Content) -> Source | None:
    """Where the words of a content are; None where it has none that are here."""
    kind = content.content_type
    if kind in {Content.Type.VIDEO, Content.Type.AUDIO}:
        return _captions(content.url)
    if kind in {Content.Type.DOCUMENT, Content.Type.TEXT}:
        return _text(content.url)
    return None


def _captions(url: str) -> Source | None:
    def read() -> dict[str, list[PassageText]]:
        found = uploaded["read"]() if uploaded else _own()
        return {
            language: passages.of_lines((line.start, line.text) for line in read_transcript(vtt))
            for language, vtt in found.items()
        }

    def _own() -> dict[str, str]:
        return {language: path.read_text("utf-8", "replace") for language, path in own.items()}

    uploaded = slots.uploaded_captions(url)
    own: dict[str, Path] = {} if uploaded else static_captions(url)
    if uploaded:
        return Source(_stamp(uploaded["stamp"]), read)
    return Source(_stamp(*map(_version, own.values())), read) if own else None


def _text(url: str) -> Source | None:
    uploaded = slots.uploaded_pages(url)
    if uploaded:
        return Source(
            _stamp(uploaded["stamp"]), lambda: {"": passages.of_pages(uploaded["read"]())}
        )
    stored = slots.uploaded(url)
    path = text_file(url)
    if stored or path:
        # An uploaded file never changes: another one has another address.
        stamp = _stamp(url) if path is None else _stamp(_version(path))
        return Source(stamp, lambda: {"": passages.of_markup(markup_at(url) or "")})
    pdf = static_file(url)
    return _pdf(pdf) if pdf and pdf.suffix.lower() == ".pdf" else None


def _pdf(path: Path) -> Source:
    def read() -> dict[str, list[PassageText]]:
        with path.open("rb") as file:
            return {"": passages.of_pages(pages_of(file))}

    return Source(_stamp(_version(path)), read)


def _version(path: Path) -> str:
    stat = path.stat()
    return f"{path.name} {stat.st_size} {stat.st_mtime_ns}"


def _stamp(*parts: str) -> str:
    return hashlib.sha256("\0".join([str(VERSION), *parts]).encode()).hexdigest()
