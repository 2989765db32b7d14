"""What is stored of a content's words: passages that begin at a place."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from progress.files.visible_text import VisibleText

# Lines of a transcript are joined up to this length, so that words beside each other are found
# together.
LINES_LENGTH = 200
MAX_LENGTH = 20_000  # characters of one passage
MAX_PASSAGES = 5_000  # of one content


class PassageText(NamedTuple):
    """The fields as in `progress.models.search.Passage`."""

    position_milli: int
    text: str
    later_lines: tuple[tuple[int, int], ...] = ()


def of_lines(lines: Iterable[tuple[float, str]]) -> list[PassageText]:
    """A transcript's passages; each line is its start in seconds and its text."""
    passages: list[PassageText] = []
    for start, text in lines:
        position, text = round(start * 1000), _tidy(text)
        if passages and len(passages[-1].text) + len(text) < LINES_LENGTH:
            first, before, later = passages.pop()
            later += ((len(before) + 1, position),)
            passages.append(PassageText(first, f"{before} {text}", later))
        else:
            passages.append(PassageText(position, text))
    return passages[:MAX_PASSAGES]


def of_pages(pages: Iterable[str]) -> list[PassageText]:
    """A document's passages, one for each page that has words; pages count from 1."""
    numbered = ((number, _tidy(text)) for number, text in enumerate(pages, 1))
    return [PassageText(number * 1000, text) for number, text in numbered if text][:MAX_PASSAGES]


def of_markup(markup: str) -> list[PassageText]:
    """A text's passages, one for each paragraph, heading, list item or cell.

    The place is the share of the text before it, by its characters.
    """
    reader = _Blocks()
    reader.feed(markup)
    reader.close()
    blocks = [text for text in reader.blocks() if text]
    whole = sum(map(len, blocks)) or 1
    passages, before = [], 0
    for text in blocks[:MAX_PASSAGES]:
        passages.append(PassageText(1000 * before // whole, text))
        before += len(text)
    return passages


def position_at(passage: Any, index: int) -> int:
    """Where the line with this character of a passage's text begins."""
    begun = [position for start, position in passage.later_lines if start <= index]
    return begun[-1] if begun else passage.position_milli


def _tidy(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())[:MAX_LENGTH]


class _Blocks(VisibleText):
    """The text between the beginnings and ends of elements that begin on a new line."""

    _INLINE = frozenset(
        {"a", "b", "i", "q", "s", "u", "em", "kbd", "sub", "sup", "var", "abbr", "bdi", "bdo"}
        | {"cite", "code", "mark", "samp", "span", "small", "strong"}
    )

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[list[str]] = [[]]

    def see(self, text: str) -> None:
        self._texts[-1].append(text)

    def handle_starttag(self, tag, attrs):
        super().handle_starttag(tag, attrs)
        self._break(tag)

    def handle_endtag(self, tag):
        super().handle_endtag(tag)
        self._break(tag)

    def _break(self, tag: str) -> None:
        if tag not in self._INLINE:
            self._texts.append([])

    def blocks(self) -> Iterator[str]:
        return (_tidy("".join(parts)) for parts in self._texts)
