"""Files that belong to a content, of the site's own or uploaded: captions, chapters, a text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import escape
from html import unescape
from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.html import linebreaks
from django.utils.translation import get_language

from progress import slots
from progress.catalogue.completable import text_file
from progress.catalogue.reading_time import static_file
from progress.state.structure import ContentSpec
from progress.validation.languages import LANGUAGE_TAG

from .words import clock

_CUE = re.compile(r"^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})[ \t]+-->", re.ASCII)

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class _Timed:
    """What begins at a moment of a video or recording; `start` in seconds."""

    start: float

    @property
    def clock(self) -> str:
        return clock(round(self.start * 1000))


@dataclass(frozen=True, slots=True)
class Chapter(_Timed):
    title: str


@dataclass(frozen=True, slots=True)
class TranscriptLine(_Timed):
    text: str


def media_files(content: ContentSpec, language: str = "") -> dict:
    """Captions in each language, the poster's URL, or "", the chapters, and the transcript.

    The transcript is in `language`, if there are captions in it, else in that of the page.

    Of the site's own files they are found by name: `film.mp4` has `film.en.vtt`, `film.ar.vtt`,
    `film.chapters.vtt` and `film.jpg`.
    """
    found = slots.media_files(content.url, language) or _static_media_files(content.url, language)
    return found | {
        "chapters": read_chapters(found["chapters"]),
        "transcript": read_transcript(found["captions"]),
    }


def _static_media_files(url: str, wanted: str) -> dict:
    stem = _stem(url)
    chapters = static_file(f"{stem}.chapters.vtt")
    film = static_file(url)
    tracks = _static_tracks(stem, film) if film else []
    language = preferred_language([track["language"] for track in tracks], wanted)
    captions = static_file(f"{stem}.{language}.vtt")
    return {
        "tracks": tracks,
        "captions_language": language,
        "captions": captions.read_text("utf-8") if captions else "",
        "poster": _static_poster(stem),
        "chapters": chapters.read_text("utf-8") if chapters else "",
    }


def static_captions(url: str) -> dict[str, Path]:
    """The files of captions beside one of the site's own films, by language."""
    film = static_file(url)
    tracks = _static_tracks(_stem(url), film) if film else []
    found = {track["language"]: static_file(track["url"]) for track in tracks}
    return {language: path for language, path in found.items() if path}


def _static_tracks(stem: str, film: Path) -> list[dict]:
    """The captions beside a film, named after their language."""
    tracks = []
    for path in sorted(film.parent.glob(f"{escape(film.stem)}.*.vtt")):
        language = path.name.removeprefix(f"{film.stem}.").removesuffix(".vtt")
        if LANGUAGE_TAG.fullmatch(language):
            url = f"{stem}.{language}.vtt"
            tracks.append({"language": language, "label": language_name(language), "url": url})
    return tracks


def preferred_language(codes: Sequence[str], wanted: str = "") -> str:
    """The wanted language where a film has captions in it, else the page's, else the first; ""
    without any."""
    for language in (wanted, get_language() or ""):
        for alike in (language, language.partition("-")[0]):
            for code in codes:
                if code.lower() == alike.lower():
                    return code
    return codes[0] if codes else ""


def language_name(code: str) -> str:
    """A language in its own words; its code where it isn't known."""
    for known in (code.lower(), code.lower().partition("-")[0]):
        if "name_local" in LANG_INFO.get(known, {}):
            return LANG_INFO[known]["name_local"]
    return code


def poster_of(content: ContentSpec) -> str:
    """The URL of the picture beside a film of the site's own, or ""."""
    return _static_poster(_stem(content.url)) if content.content_type == "video" else ""


def _static_poster(stem: str) -> str:
    return f"{stem}.jpg" if static_file(f"{stem}.jpg") else ""


def _stem(url: str) -> str:
    return re.sub(r"\.\w+$", "", url.partition("?")[0].partition("#")[0])


def read_chapters(vtt: str) -> list[Chapter]:
    """The cues of a WebVTT file of chapters; anything but a cue with a title is skipped."""
    return [Chapter(start, title) for start, title in _cues(vtt)]


def read_transcript(vtt: str) -> list[TranscriptLine]:
    """The cues of a WebVTT file of captions, without their markup."""
    texts = ((start, unescape(_TAG.sub("", text)).strip()) for start, text in _cues(vtt))
    return [TranscriptLine(start, text) for start, text in texts if text]


def _cues(vtt: str) -> Iterator[tuple[float, str]]:
    """The start of each cue in seconds, and its text on one line."""
    for block in re.split(r"\n\s*\n", vtt.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        for index, line in enumerate(lines):
            cue = _CUE.match(line)
            title = " ".join(lines[index + 1 :]).strip()
            if cue and title:
                hours, minutes, seconds, thousandths = (int(part or 0) for part in cue.groups())
                start = hours * 3600 + minutes * 60 + seconds + thousandths / 1000
                yield start, title
                break


def markup_of(content: ContentSpec) -> str | None:
    """The markup of a text, see `markup_at`."""
    return markup_at(content.url)


def markup_at(url: str) -> str | None:
    """What stands in <body> of one of our own files, which are as trusted as templates, and what
    an uploaded one was sanitised to. None for any other URL."""
    uploaded = slots.uploaded_markup(url)
    if uploaded is not None:
        return uploaded
    path = text_file(url)
    if path is None:
        return None
    markup = path.read_text("utf-8", errors="replace")
    if path.suffix.lower() not in {".html", ".htm"}:
        return linebreaks(markup, autoescape=True)
    found = re.search(r"<body[^>]*>(.*)</body>", markup, re.DOTALL | re.IGNORECASE)
    return found.group(1) if found else markup
