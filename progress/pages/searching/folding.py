"""Text as it is compared: without the difference between capitals, accents, widths and spaces."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Before and after the first word that was found.
BEFORE, AFTER = 60, 140


class Part(NamedTuple):
    """A stretch of a text, and whether it is one of the words that were searched for."""

    text: str
    is_found: bool


def fold(text: str) -> str:
    """`Löschgerät  №5` becomes `loschgerat no5`. Substrings stay substrings."""
    return _folded(" ".join(text.split()))[0]


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where that came from."""
    letters: list[str] = []
    origins: list[int] = []
    for index, letter in enumerate(text):
        for each in unicodedata.normalize("NFKD", letter):
            if not unicodedata.combining(each):
                for small in each.casefold():
                    letters.append(small)
                    origins.append(index)
    return "".join(letters), origins


def contains(text: str, words: list[str]) -> bool:
    """Whether a text has all these folded words."""
    folded = fold(text)
    return all(word in folded for word in words)


def first_index(text: str, words: list[str]) -> int:
    """Where the first of these folded words begins in a text without double spaces; else 0."""
    return min((start for start, _ in _places(*_folded(text), words)), default=0)


def excerpt(text: str, words: list[str]) -> list[Part]:
    """The surroundings of the first of these folded words, with every one of them in it marked.

    Where more was cut off, there is an ellipsis.
    """
    text = " ".join(text.split())
    folded, origins = _folded(text)
    found = sorted(_places(folded, origins, words))
    first = found[0][0] if found else 0
    begin = _word_start(text, first - BEFORE)
    end = _word_end(text, max(first + AFTER, found[0][1] if found else 0))
    parts = [Part("… ", False)] if begin else []
    at = begin
    for start, stop in found:
        if stop > end:
            break
        if stop > at:
            start = max(start, at)
            parts += [Part(text[at:start], False), Part(text[start:stop], True)]
            at = stop
    parts.append(Part(text[at:end], False))
    if end < len(text):
        parts.append(Part(" …", False))
    return [part for part in parts if part.text]


def _places(folded: str, origins: list[int], words: list[str]) -> Iterator[tuple[int, int]]:
    """Where each of the words begins and ends in the text, overlapping where they do."""
    for word in words:
        at = folded.find(word)
        while at >= 0:
            yield origins[at], origins[at + len(word) - 1] + 1
            at = folded.find(word, at + len(word))


def _word_start(text: str, near: int) -> int:
    if near <= 0:
        return 0
    # A script without spaces is cut anywhere.
    space = text.find(" ", near, near + BEFORE // 2)
    return space + 1 if space >= 0 else near


def _word_end(text: str, near: int) -> int:
    if near >= len(text):
        return len(text)
    space = text.rfind(" ", near - BEFORE // 2, near)
    return space if space >= 0 else near
