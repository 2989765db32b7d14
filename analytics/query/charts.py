"""Charts as numbers: where each bar and line is in a drawing of fixed size, with its labels. Pure.

The templates draw them as SVG with a table behind each, so they can be printed and read aloud, and
need no script. Each has an axis with round values; a script shows the value under the pointer or
the keyboard's focus.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count

from progress.pages.words import duration

WIDTH = 720
HEIGHT = 140
MAX_POINTS = 360
MAX_LABELS = 10


class Unit(Enum):
    """The unit of a chart's values, which decides where its axis ends and how it is labelled."""

    COUNT = "count"
    MILLISECONDS = "milliseconds"
    SHARE = "share"  # of 1


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on an axis; `at` is its height in percent."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Axis:
    """From zero to `top`, a round value that no value exceeds."""

    top: float
    marks: list[Mark]


# Halves of these are round, too.
ROUND = (2, 4, 6, 8, 10, 12, 16, 20, 30, 40, 60, 80)
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000


def axis(most: float, unit: Unit = Unit.COUNT) -> Axis:
    """An axis for values up to `most`."""
    if unit is Unit.SHARE:
        return _marked(1.0, lambda value: f"{value:g}")
    if unit is Unit.MILLISECONDS:
        step = next(each for each in (SECOND, MINUTE, HOUR) if most <= 60 * each or each == HOUR)
        return _marked(_round_up(most / step) * step, lambda value: duration(value / 1000))
    return _marked(_round_up(most), lambda value: f"{value:,.0f}")


def _round_up(most: float) -> float:
    """The smallest round number that isn't exceeded."""
    for tens in count():
        for each in ROUND:
            if each * 10**tens >= most:
                return each * 10**tens
    raise AssertionError("there is always a larger one")


def _marked(top: float, say: Callable[[float], str]) -> Axis:
    return Axis(top, [Mark(say(top * at / 100), at) for at in (100, 50, 0)])


def spread(labels: Sequence[str], most: int = 5) -> list[str]:
    """At most this many labels of an axis, including the first and the last, at even distances."""
    if len(labels) <= most:
        return list(labels)
    places = {round(n * (len(labels) - 1) / (most - 1)) for n in range(most)}
    return [labels[place] for place in sorted(places)]


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: float
    text: str  # the value as text
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Upright bars side by side, as high as the axis says."""

    bars: list[Bar]
    axis: Axis
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def are_few(self) -> bool:
        """Whether there is room for the label of each bar."""
        return len(self.bars) <= MAX_LABELS

    @property
    def ticks(self) -> list[str]:
        """The labels that there is room for below the bars."""
        return spread([bar.label for bar in self.bars])


def bars(values: Sequence[tuple[str, float, str]], unit: Unit = Unit.COUNT) -> Bars | None:
    """Bars from (label, value, value as text); None where there is nothing to draw."""
    most = max((value for _, value, _ in values), default=0)
    if not most:
        return None
    scale = axis(most, unit)
    step = WIDTH / len(values)
    gap = min(step * 0.2, 8)
    return Bars(
        [
            _bar(label, value, text, value / scale.top, place * step + gap / 2, step - gap)
            for place, (label, value, text) in enumerate(values)
        ],
        scale,
    )


def _bar(label: str, value: float, text: str, share: float, x: float, width: float) -> Bar:
    # A value above zero is never drawn as zero.
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


def curve(counts: Sequence[int], most: float, *, has_steps: bool = False) -> Curve:
    """A line, in steps if there is nothing between two points; long media are drawn with the
    highest of every few buckets."""
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
    """At most `MAX_POINTS` values, each the highest of its share of the buckets."""
    width = -(-len(counts) // MAX_POINTS)
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
