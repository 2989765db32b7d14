"""Captions and chapters: WebVTT is checked cue by cue, SubRip (.srt) is converted to it.

What is stored is written anew from the cues, so that it holds nothing else: no style sheets, no
regions, no comments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .encodings import text_of
from .problems import FileProblem

MAX_CUES = 20_000
_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)[.](\d{3})"
_VTT_TIMES = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+(.*))?", re.ASCII)
_SRT_TIME = r"(\d{1,3}):([0-5]?\d):([0-5]?\d)(?:[,.](\d{1,3}))?"
_SRT_TIMES = re.compile(rf"{_SRT_TIME}[ \t]*-->[ \t]*{_SRT_TIME}(?:[ \t].*)?", re.ASCII)
_SETTINGS = re.compile(
    r"(?:vertical:(?:rl|lr)|line:-?[\d.]+%?(?:,(?:start|center|end))?"
    r"|position:[\d.]+%(?:,(?:line-left|center|line-right))?|size:[\d.]+%"
    r"|align:(?:start|center|end|left|right))",
    re.ASCII,
)
_SRT_TAGS = re.compile(r"</?(?!/?[biu]>)[^>]*>|\{\\[^}]*\}", re.IGNORECASE)
_NO_CUES = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    start_ms: int
    end_ms: int
    text: str
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """A file of captions as WebVTT, and when its last cue begins."""

    webvtt: bytes
    last_start_ms: int


def read_track(source: bytes) -> Track:
    """The cues of a WebVTT or SubRip file. Raises FileProblem, naming the line."""
    text = text_of(source).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    is_vtt = re.match(r"WEBVTT(?=\s|$)", text) is not None
    cues = list(_vtt_cues(text) if is_vtt else _srt_cues(text))
    if not cues:
        raise FileProblem(_("There are no captions in this file."))
    if len(cues) > MAX_CUES:
        raise FileProblem(_("This file has more than %(most)d captions.") % {"most": MAX_CUES})
    return Track(_written(cues).encode(), cues[-1].start_ms)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yields the number of the first line, and the lines, of each block between blank lines."""
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _vtt_cues(text: str) -> Iterator[Cue]:
    previous = 0
    (first, header), *blocks = _blocks(text)
    _checked_text(header, first - 1)
    for number, lines in blocks:
        if lines[0].split()[0] in _NO_CUES and "-->" not in lines[0]:
            continue
        at = 0 if "-->" in lines[0] else 1
        times = _VTT_TIMES.fullmatch(lines[at].strip()) if at < len(lines) else None
        if times is None:
            raise _broken(number + min(at, len(lines) - 1), _("the times of this caption"))
        found = times.groups()
        start, end = _milliseconds(found[:4]), _milliseconds(found[4:8])
        _check_times(number + at, start, end, previous)
        previous = start
        yield Cue(start, end, _checked_text(lines[at + 1 :], number + at), _settings(found[8]))


def _srt_cues(text: str) -> Iterator[Cue]:
    previous = 0
    for number, lines in _blocks(text):
        at = 0 if "-->" in lines[0] else 1
        times = _SRT_TIMES.fullmatch(lines[at].strip()) if at < len(lines) else None
        if times is None:
            raise _broken(number + min(at, len(lines) - 1), _("the times of this caption"))
        found = times.groups()
        start, end = _milliseconds(found[:4]), _milliseconds(found[4:])
        _check_times(number + at, start, end, previous)
        previous = start
        words = [_srt_text(line) for line in lines[at + 1 :]]
        yield Cue(start, end, _checked_text(words, number + at))


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    return (hours * 3600 + minutes * 60 + seconds) * 1000 + int((parts[3] or "").ljust(3, "0"))


def _check_times(line: int, start: int, end: int, previous: int) -> None:
    if end <= start:
        raise _broken(line, _("this caption ends before it starts"))
    if start < previous:
        raise _broken(line, _("this caption starts before the one above it"))


def _checked_text(lines: list[str], line: int) -> str:
    if any("-->" in each for each in lines):
        raise _broken(line + 1, _("a blank line is missing between two captions"))
    return "\n".join(each.rstrip() for each in lines)


def _settings(text: str | None) -> str:
    """The settings of a cue that WebVTT knows; a browser ignores others as well."""
    return " ".join(each for each in (text or "").split() if _SETTINGS.fullmatch(each))


def _srt_text(line: str) -> str:
    """A line without SubRip's other tags; a lone & or < would begin something in WebVTT."""
    line = _SRT_TAGS.sub("", line)
    line = re.sub(r"&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)", "&amp;", line)
    return re.sub(r"<(?!/?[biu]>)", "&lt;", line, flags=re.IGNORECASE)


def _broken(line: int, what: str) -> FileProblem:
    return FileProblem(_("Line %(line)d can't be read: %(what)s.") % {"line": line, "what": what})


def _written(cues: list[Cue]) -> str:
    parts = ["WEBVTT"]
    for cue in cues:
        times = f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)} {cue.settings}".rstrip()
        parts.append(f"{times}\n{cue.text}" if cue.text else times)
    return "\n\n".join(parts) + "\n"


def _clock(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"
