"""Files that belong to a content, among the site's own: captions, chapters, a text's markup."""

import re
from dataclasses import dataclass

from django.utils.html import linebreaks

from progress.catalogue.completable import text_file
from progress.catalogue.reading_time import static_file
from progress.state.structure import ContentSpec

from .words import clock

_CUE = re.compile(r"^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})[ \t]+-->", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a video; `start` in seconds."""

    start: float
    title: str

    @property
    def clock(self) -> str:
        return clock(round(self.start * 1000))


def media_files(content: ContentSpec) -> dict:
    """The URLs of captions and poster, or "", and the list of chapters.

    Files are found by name: `film.mp4` has `film.en.vtt`, `film.chapters.vtt` and `film.jpg`.
    """
    stem = re.sub(r"\.\w+$", "", content.url.partition("?")[0].partition("#")[0])
    found = {
        name: stem + suffix if static_file(stem + suffix) else ""
        for name, suffix in {"captions": ".en.vtt", "poster": ".jpg"}.items()
    }
    chapters = static_file(stem + ".chapters.vtt")
    return found | {"chapters": read_chapters(chapters.read_text("utf-8")) if chapters else []}


def read_chapters(vtt: str) -> list[Chapter]:
    """The cues of a WebVTT file of chapters; anything but a cue with a title is skipped."""
    chapters = []
    for block in re.split(r"\n\s*\n", vtt.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        for index, line in enumerate(lines):
            cue = _CUE.match(line)
            title = " ".join(lines[index + 1 :]).strip()
            if cue and title:
                hours, minutes, seconds, thousandths = (int(part or 0) for part in cue.groups())
                start = hours * 3600 + minutes * 60 + seconds + thousandths / 1000
                chapters.append(Chapter(start, title))
                break
    return chapters


def markup_of(content: ContentSpec) -> str | None:
    """The markup inside <body> of a text among our own files, which are as trusted as templates."""
    path = text_file(content.url)
    if path is None:
        return None
    markup = path.read_text("utf-8", errors="replace")
    if path.suffix.lower() not in {".html", ".htm"}:
        return linebreaks(markup, autoescape=True)
    found = re.search(r"<body[^>]*>(.*)</body>", markup, re.DOTALL | re.IGNORECASE)
    return found.group(1) if found else markup
