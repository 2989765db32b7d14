"""What a course consists of that is kept on a learner's device, to be studied without a network.

Its pages, the files of its contents, and the scripts, styles and viewers that they need. A file has
a key that changes with its content: a device keeps it once, whatever its address is.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.templatetags.static import static
from django.urls import reverse

from progress import slots
from progress.catalogue import completable
from progress.catalogue.reading_time import static_file
from progress.models import Choice, Question
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

from .content_files import poster_of, static_captions

# Scripts and styles of every page, by pattern; the PDF viewer is the largest part.
_SHARED = ("pages/*.js", "pages/*.css", "pages/icon.svg", "progress/*.js")
_VENDORED = ("vendor/inter-*/*.woff2", "vendor/lucide-*/*.svg")
_PLAYER = ("vendor/plyr-*/*.mjs", "vendor/plyr-*/*.css", "vendor/plyr-*/*.svg")
_PDF_VIEWER = ("vendor/pdfjs-dist-*/*.mjs",)
_NOT_OF_PAGES = {"service_worker.js", "kept_worker.js"}

# Why a content isn't kept; `kept_words` has them in words.
LOCKED, TIME_LIMIT, ELSEWHERE = "locked", "time_limit", "elsewhere"

_PICTURE = re.compile(r"<img\b[^>]*?\bsrc=[\"'](/[^\"']+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """`source` is where it is loaded from, if that isn't its address."""

    address: str
    key: str
    bytes: int
    source: str = ""

    def payload(self) -> dict:
        return {
            "address": self.address,
            "key": self.key,
            "bytes": self.bytes,
            "source": self.source or self.address,
        }


@dataclass(frozen=True, slots=True)
class KeptCourse:
    contents: list[ContentSpec]
    left_out: list[tuple[ContentSpec, str]]
    files: list[KeptFile]

    @property
    def bytes(self) -> int:
        return sum({file.key: file.bytes for file in self.files}.values())


def kept_course(state: CourseState) -> KeptCourse:
    """What can be kept of a course now. Four statements at most, however long the course is."""
    active = [each for module in state.structure.modules for each in module.active]
    uploaded = _uploaded(active)
    kept, left_out = [], []
    for content in active:
        reason = _reason(state, content, uploaded)
        if reason:
            left_out.append((content, reason))
        else:
            kept.append(content)
    files = {file.address: file for file in _files(kept, uploaded)}
    for content in active:
        if found := _static(poster_of(content)):
            files[found.address] = found
    return KeptCourse(kept, left_out, sorted(files.values(), key=lambda file: file.address))


def is_kept(state: CourseState, content: ContentSpec) -> bool:
    return not _reason(state, content, _uploaded([content]))


def listing(state: CourseState, language: str) -> dict:
    """A course for the script that keeps it.

    `version` changes with anything in it, the `stamp` of a page with the learner's own progress
    there.
    """
    course_id = state.structure.course_id
    course = kept_course(state)
    pages = [_page("course", _stamp(state.rows), course_id)]
    for each in course.contents:
        own = {each.id: state.rows[each.id]} if each.id in state.rows else {}
        pages.append(_page("content", _stamp(own), course_id, each.id))
    found = {
        "user_id": state.enrollment.user_id,
        "course_id": course_id,
        "title": state.enrollment.course.title,
        "url": pages[0]["address"],
        "bytes": course.bytes,
        "left_out": [
            {"title": content.title, "reason": reason} for content, reason in course.left_out
        ],
    }
    keys = [(file.address, file.key) for file in course.files]
    addresses = [page["address"] for page in pages]
    whole = json.dumps([found, addresses, keys, state.structure.version, language])
    return found | {
        "pages": pages,
        "version": hashlib.blake2s(whole.encode(), digest_size=8).hexdigest(),
        "files": [file.payload() for file in course.files],
    }


def _page(name: str, stamp: str, *numbers: int) -> dict:
    return {
        "address": reverse(name, args=numbers),
        "source": reverse(f"kept-{name}", args=numbers),
        "stamp": stamp,
    }


def _stamp(rows: dict) -> str:
    """When the last event of these contents happened, and how many of them were begun."""
    if not rows:
        return ""
    return f"{max(row.last_event_at for row in rows.values()).isoformat()} {len(rows)}"


# --- Whether a content can be kept ---------------------------------------------------------------
def _reason(state: CourseState, content: ContentSpec, uploaded: dict) -> str:
    """Why a content can't be kept, or "".

    An attempt with a time limit begins by the server's clock, so it needs a network.
    """
    if not state.is_open(content):
        return LOCKED
    if content.is_quiz:
        return "" if content.time_limit_seconds is None else TIME_LIMIT
    is_ours = content.url in uploaded or static_file(content.url) is not None
    is_shown = (
        content.is_media
        or (content.is_paged and completable.is_pdf(content.url))
        or (content.is_binned and _has_markup(content, uploaded))
    )
    return "" if is_ours and is_shown else ELSEWHERE


def _has_markup(content: ContentSpec, uploaded: dict) -> bool:
    if content.url in uploaded:
        return bool(uploaded[content.url]["is_text"])
    return completable.text_file(content.url) is not None


def _uploaded(contents: Iterable[ContentSpec]) -> dict:
    urls = {each.url for each in contents if "/files/" in each.url}
    return (slots.kept_files(urls) if urls else None) or {}


# --- Files ---------------------------------------------------------------------------------------
def _files(contents: list[ContentSpec], uploaded: dict) -> Iterator[KeptFile]:
    patterns = [*_SHARED, *_VENDORED]
    if any(each.is_media for each in contents):
        patterns += _PLAYER
    if any(each.is_paged for each in contents):
        patterns += _PDF_VIEWER
    yield from _shared(tuple(patterns))
    for content in contents:
        if content.url in uploaded:
            yield from _own_files(content, uploaded)
        elif content.is_binned:
            markup = completable.text_file(content.url)
            yield from _all_static(_pictures(markup) if markup else [])
        else:
            captions = static_captions(content.url) if content.is_media else {}
            stem = content.url.rpartition(".")[0]
            tracks = [f"{stem}.{language}.vtt" for language in captions]
            yield from _all_static([content.url, *tracks])
    yield from _of_questions([each.id for each in contents if each.is_quiz])


def _own_files(content: ContentSpec, uploaded: dict) -> Iterator[KeptFile]:
    """An uploaded text stands in its page; other files are loaded beside it."""
    if not uploaded[content.url]["is_text"]:
        for file in uploaded[content.url]["files"]:
            yield KeptFile(**file)


def _pictures(markup: Path) -> list[str]:
    return _PICTURE.findall(markup.read_text("utf-8", errors="replace"))


def _of_questions(quizzes: list[int]) -> Iterator[KeptFile]:
    """The pictures of questions and choices."""
    if not quizzes:
        return
    asked = Question.objects.filter(content__in=quizzes, retired_at=None)
    chosen = Choice.objects.filter(question__in=asked, retired_at=None)
    pictures = asked.filter(~Q(image="")).values_list("image").order_by()
    urls = {url for (url,) in pictures.union(chosen.filter(~Q(image="")).values_list("image"))}
    stored = slots.kept_files(urls) if any("/files/" in url for url in urls) else None
    for url in sorted(urls):
        if stored and url in stored:
            yield from (KeptFile(**file) for file in stored[url]["files"])
        else:
            yield from _all_static([url])


def _all_static(urls: Iterable[str]) -> Iterator[KeptFile]:
    yield from filter(None, map(_static, urls))


def _static(url: str) -> KeptFile | None:
    path = static_file(url) if url else None
    if path is None:
        return None
    seen = path.stat()
    return KeptFile(url, _key(path, seen.st_mtime_ns, seen.st_size), seen.st_size)


@lru_cache(maxsize=2_000)
def _key(path: Path, _modified: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, hashlib.blake2s).hexdigest()[:32]


@cache  # the site's own files change with a release
def _shared(patterns: tuple[str, ...]) -> list[KeptFile]:
    root = Path(settings.BASE_DIR) / "static"
    paths = sorted({path for pattern in patterns for path in root.glob(pattern)})
    urls = [static(str(path.relative_to(root))) for path in paths if path.name not in _NOT_OF_PAGES]
    return list(_all_static(urls))
