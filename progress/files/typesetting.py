"""typst, with the fonts that documents are set in: every script that a name may be written in.

Never use this in a process that forks afterwards: its threads would be missing there.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import manimgx_fonts
import noto_cjk_sans_otc

# Imported where it is used, for its cost: every process loads this module, and few make documents.
if TYPE_CHECKING:
    import typst

FONTS = [
    Path(__file__).parent / "fonts",
    Path(manimgx_fonts.__file__).parent,
    Path(noto_cjk_sans_otc.__file__).parent,
]
# The first font of this order that has a character is the one that shows it.
FIRST = ["Inter", "IBM Plex Sans Arabic", "Noto Sans", "Noto Sans CJK SC"]
LAST = ["Noto Sans Arabic", "Noto Emoji", "Noto Sans Symbols"]
PLACEHOLDER = "\u25a1"  # WHITE SQUARE
_of_this_thread = threading.local()


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in FONTS],
    )


@cache
def families() -> list[str]:
    """All font families, in the order of fallback. The same on every machine: the system's own
    fonts are left out, so that the same input makes the same bytes everywhere."""
    found = {name for name in _fonts().families() if name.startswith("Noto S")}
    found = {name for name in found if "CJK" not in name}
    return [*FIRST, *sorted(found - {*FIRST, *LAST}), *LAST]


@cache
def _characters(family: str) -> frozenset[int]:
    """The characters that a family has."""
    info = next(each for each in _fonts().fonts() if each.family == family)
    # Imported here for its cost: every process loads this module, and few read fonts.
    from fontTools.ttLib import TTFont

    with TTFont(info.path, fontNumber=info.index, lazy=True) as font:
        return frozenset(font.getBestCmap())


def compiler(root: Path) -> typst.Compiler:
    """The compiler of the documents under `root`; one for each thread, which keeps the fonts."""
    import typst

    compilers = _of_this_thread.__dict__.setdefault("compilers", {})
    if root not in compilers:
        compilers[root] = typst.Compiler(root=str(root), font_paths=_fonts())
    return compilers[root]


# --- What no font has ----------------------------------------------------------------------------
# Line ends and tabs are set as they are; these have no form, or turn the words after them around.
_UNWANTED = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_PLAIN = re.compile(r"[\n\t -~\u00a1-\u00ac\u00ae-\u017f\u2010-\u201e\u2026]*")
# Changes the character before it, or joins two: belongs to what stands before.
_ATTACHED = ("Mn", "Mc", "Me", "Cf")


@dataclass
class Displayable:
    """Texts as they can be set, and the characters in them that no font has."""

    value: Any
    missing: set[str] = field(default_factory=set)


def displayable(value: Any) -> Displayable:
    """Makes the texts in a JSON-like `value` displayable: what no font has becomes a white square.

    Characters without a form of their own are dropped where no font has them.
    """
    result = Displayable(None)
    texts = sorted({each for each in _texts(value) if not _PLAIN.fullmatch(each)})
    cleaned = [_clean(each, result.missing) for each in texts]
    shown = dict(zip(texts, _set(cleaned, result.missing), strict=True))
    result.value = _replaced(value, shown)
    return result


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _replaced(value: Any, shown: dict[str, str]) -> Any:
    if isinstance(value, str):
        return shown.get(value, value)
    if isinstance(value, dict):
        return {key: _replaced(each, shown) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(each, shown) for each in value]
    return value


def _clean(text: str, missing: set[str]) -> str:
    text = _UNWANTED.sub("", _BREAKS.sub("\n", text))
    return "".join(_character(each, missing) for each in text)


def _character(character: str, missing: set[str]) -> str:
    if character.isspace() or _is_formless(character) or _is_in_a_font(character):
        return character
    missing.add(character)
    return PLACEHOLDER


@cache
def _is_in_a_font(character: str) -> bool:
    """Private-use characters count as missing: a font's drawing of one means nothing to others."""
    if unicodedata.category(character) == "Co":
        return False
    return any(ord(character) in _characters(family) for family in families())


def _is_formless(character: str) -> bool:
    """Whether it is a joiner, direction mark or variation selector: fonts needn't have those."""
    if unicodedata.category(character) == "Cf":
        return True
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _clusters(text: str) -> Iterator[str]:
    """Each character with the marks that follow it."""
    cluster = ""
    for character in text:
        if cluster and unicodedata.category(character) not in _ATTACHED:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _set(texts: list[str], missing: set[str]) -> list[str]:
    """Finds by halving what can't be set: no font may have all of the characters together."""
    if not texts or _can_set("\n".join(texts)):
        return texts
    if len(texts) == 1:
        return ["".join(_set_clusters(list(_clusters(texts[0])), missing))]
    middle = len(texts) // 2
    return _set(texts[:middle], missing) + _set(texts[middle:], missing)


def _set_clusters(clusters: list[str], missing: set[str]) -> list[str]:
    if _can_set("".join(clusters)):
        return clusters
    if len(clusters) == 1:
        return [_without_marks(clusters[0], missing)]
    middle = len(clusters) // 2
    halves = _set_clusters(clusters[:middle], missing) + _set_clusters(clusters[middle:], missing)
    if _can_set("".join(halves)):
        return halves
    missing.update(*clusters)
    return [PLACEHOLDER] * len(clusters)


def _without_marks(cluster: str, missing: set[str]) -> str:
    """The character without those of its marks that can't be set with it."""
    settable = ""
    for character in cluster:
        if _can_set(settable + character):
            settable += character
        elif not _is_formless(character):
            missing.add(character)
    return settable or PLACEHOLDER


_PROBE = b"""
#set document(title: "probe", date: none)
#let given = json(bytes(sys.inputs.given))
#set text(font: given.families)
#given.text
"""


@lru_cache(maxsize=256)
def _can_set(text: str) -> bool:
    """Whether typst finds each glyph when it sets the text; a font's table isn't enough."""
    import typst

    given = {"families": families(), "text": text}
    try:
        compiler(FONTS[0]).compile(
            _PROBE,
            format="pdf",
            pdf_standards="ua-1",
            sys_inputs={"given": json.dumps(given)},
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True


def character_names(characters: Iterable[str]) -> str:
    """The characters by code and name, for staff: "U+1F9FF NAZAR AMULET, U+E000"."""
    return ", ".join(
        f"U+{ord(each):04X} {unicodedata.name(each, '')}".strip() for each in sorted(characters)
    )


def metadata(text: str) -> str:
    """The text without what XML can't hold: control characters and noncharacters."""
    return "".join(
        each
        for each in text
        if unicodedata.category(each) not in ("Cc", "Cs") and ord(each) & 0xFFFE != 0xFFFE
    )


# --- In a process of its own ---------------------------------------------------------------------
MAX_SECONDS = 120


def compile_in_subprocess(source: Path, texts: dict, **options) -> bytes:
    """Compiles a long document to PDF in a process of its own: a table of two thousand rows takes
    about 225 MB, which are freed with it. Raises CalledProcessError and TimeoutExpired."""
    done = subprocess.run(
        [sys.executable, "-P", __file__, str(source)],
        input=json.dumps({"texts": texts, "options": options}).encode(),
        stdout=subprocess.PIPE,
        timeout=MAX_SECONDS,
        check=True,
    )
    return done.stdout


def inputs(texts: dict) -> dict[str, str]:
    """The `sys_inputs` of a document: displayable texts, and the fonts to set them in."""
    return {"texts": json.dumps(texts, ensure_ascii=False), "fonts": json.dumps(families())}


def _main(source: Path, texts: dict, options: dict) -> bytes:
    given = inputs(displayable(texts).value)
    made = compiler(source.parent).compile(str(source), format="pdf", sys_inputs=given, **options)
    assert isinstance(made, bytes)  # a PDF is one file
    return made


if __name__ == "__main__":
    request = json.load(sys.stdin)
    sys.stdout.buffer.write(_main(Path(sys.argv[1]), request["texts"], request["options"]))
