"""Charts as numbers: where each bar and line stands in a drawing of fixed size, and its words.

Values in, values out. The templates draw them as SVG with a table behind each, so they print, can
be read aloud, and need no script.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
HEIGHT = 140
MOST_POINTS = 360
MOST_LABELS = 10


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    text: str  # the value in words
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Upright bars side by side; `top` is the value at full height, in words."""

    bars: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def are_few(self) -> bool:
        """Whether each has room for its label."""
        return len(self.bars) <= MOST_LABELS

    @property
    def first(self) -> Bar:
        return self.bars[0]

    @property
    def last(self) -> Bar:
        return self.bars[-1]


def bars(values: Sequence[tuple[str, float, str]]) -> Bars | None:
    """Bars of (label, value, value in words); None where there is nothing to be drawn."""
    most = max((value for _, value, _ in values), default=0)
    if not most:
        return None
    step = WIDTH / len(values)
    gap = min(step * 0.2, 8)
    return Bars(
        [
            _bar(label, value, text, value / most, place * step + gap / 2, step - gap)
            for place, (label, value, text) in enumerate(values)
        ]
    )


def _bar(label: str, value: float, text: str, share: float, x: float, width: float) -> Bar:
    # Something is never drawn as nothing.
    height = max(share * HEIGHT, 1.5) if share else 0
    return Bar(
        label,
        value,
        text,
        round(x, 2),
        round(HEIGHT - height, 2),
        round(width, 2),
        round(height, 2),
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """One line over the buckets of a content, as an SVG path; the area under it is `area`."""

    line: str
    area: str


def curve(counts: Sequence[int], most: int, *, has_steps: bool = False) -> Curve:
    """A line, in steps where nothing lies between two places; long media are drawn with the
    highest of each few buckets."""
    if not counts or not most:
        return Curve("", "")
    points = sampled(counts)
    step = WIDTH / len(points)
    if has_steps:
        heights = [round(HEIGHT - value / most * HEIGHT, 2) for value in points]
        ends = [round((place + 1) * step, 2) for place in range(len(points))]
        line = f"M0 {heights[0]:g} " + " ".join(
            f"V{height:g} H{end:g}" for height, end in zip(heights, ends, strict=True)
        )
        return Curve(line, f"{line} V{HEIGHT} H0 Z")
    places = [
        (round((place + 0.5) * step, 2), round(HEIGHT - value / most * HEIGHT, 2))
        for place, value in enumerate(points)
    ]
    places = [(0, places[0][1]), *places, (WIDTH, places[-1][1])]
    line = "M" + " L".join(f"{x:g} {y:g}" for x, y in places)
    return Curve(line, f"{line} L{WIDTH} {HEIGHT} L0 {HEIGHT} Z")


def sampled(counts: Sequence[int]) -> list[int]:
    """At most `MOST_POINTS` values, each the highest of its share of the buckets."""
    width = -(-len(counts) // MOST_POINTS)
    return [max(counts[start : start + width]) for start in range(0, len(counts), width)]


def ticks(counts: Sequence[int], height: int) -> str:
    """Thin upright lines from the bottom of a row of `height`, as one SVG path."""
    points = sampled(counts)
    most = max(points, default=0)
    step = WIDTH / max(len(points), 1)
    return " ".join(
        f"M{round((place + 0.5) * step, 2):g} {height} V{round(height * (1 - value / most), 2):g}"
        for place, value in enumerate(points)
        if value
    )
