"""A picture for a course or content: its film's poster, or a calm drawing made from its title."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from progress.state.structure import ContentSpec

from .content_files import poster_of

TONES = 6  # `.tone-0` to `.tone-5` in pages/cards.css
WIDTH, HEIGHT = 160, 90


@dataclass(frozen=True, slots=True)
class Circle:
    x: int
    y: int
    radius: int


@dataclass(frozen=True, slots=True)
class Cover:
    """`poster` is a URL, or "": then the drawing is shown, which one title always gives."""

    poster: str
    tone: int
    circles: tuple[Circle, ...]


def content_cover(content: ContentSpec) -> Cover:
    return _cover(content.title, poster_of(content))


def course_cover(title: str, contents: Iterable[ContentSpec]) -> Cover:
    """The poster of the course's first film, if that has one."""
    film = next((each for each in contents if each.content_type == "video"), None)
    return _cover(title, poster_of(film) if film else "")


def _cover(title: str, poster: str) -> Cover:
    seed = hashlib.blake2s(title.casefold().encode(), digest_size=10).digest()
    circles = (
        Circle(WIDTH * x // 255, HEIGHT * y // 255, 16 + radius % 40)
        for x, y, radius in zip(seed[1:4], seed[4:7], seed[7:10], strict=True)
    )
    return Cover(poster, seed[0] % TONES, tuple(circles))
