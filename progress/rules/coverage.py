"""Coverage: the union of half-open integer spans, never a playhead.

A `Spans` value is disjoint, ordered and merged: `((0, 30), (40, 60))`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
Spans = tuple[Span, ...]


def length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def clip(span: Span, low: int, high: int) -> Span | None:
    """`span` within `[low, high)`, or None when nothing is left of it."""
    start, end = max(span[0], low), min(span[1], high)
    return (start, end) if start < end else None


def clip_all(spans: Iterable[Span], low: int, high: int) -> Spans:
    return tuple(part for span in spans if (part := clip(span, low, high)))


def add(spans: Spans, span: Span) -> Spans:
    """The union of `spans` and one non-empty span; touching neighbours are merged."""
    merged = list(spans)
    _merge(merged, span)
    return tuple(merged)


def _merge(spans: list[Span], span: Span) -> None:
    """`add`, in place."""
    start, end = span
    first = bisect_left(spans, start, key=lambda each: each[1])
    last = bisect_right(spans, end, key=lambda each: each[0])
    if first < last:
        start, end = min(start, spans[first][0]), max(end, spans[last - 1][1])
    spans[first:last] = [(start, end)]


def union(*many: Iterable[Span]) -> Spans:
    merged: list[Span] = []
    for spans in many:
        for span in spans:
            if span[0] < span[1]:
                _merge(merged, span)
    return tuple(merged)


def gaps(spans: Sequence[Span], low: int, high: int) -> Spans:
    """The parts of `[low, high)` that the spans leave open."""
    found: list[Span] = []
    position = low
    first = bisect_right(spans, low, key=lambda each: each[1])
    for index in range(first, len(spans)):
        start, end = spans[index]
        if start >= high:
            break
        if start > position:
            found.append((position, start))
        position = max(position, end)
    if position < high:
        found.append((position, high))
    return tuple(found)


def overlap(spans: Spans, others: Iterable[Span]) -> Spans:
    """The parts that both have in common."""
    return tuple(part for start, end in others for part in clip_all(spans, start, end))


@dataclass(frozen=True, slots=True)
class Earned:
    """What segments added to a coverage. The three amounts add up to the segments' length."""

    coverage: Spans
    covered: int
    replayed: int
    withheld: int


def earn(coverage: Spans, segments: Sequence[Span], budget: int) -> Earned:
    """Widen `coverage` by `segments`, newly covering at most `budget`.

    Segments count in the order given, each from its start; what doesn't fit is withheld. What
    is covered already is replay: it costs nothing and earns nothing. Segments are non-empty and
    clipped to the extent.
    """
    covered = replayed = withheld = 0
    grown = list(coverage)
    for start, end in segments:
        fresh = gaps(grown, start, end)
        replayed += (end - start) - length(fresh)
        for low, high in fresh:
            granted = min(high - low, budget - covered)
            if granted > 0:
                _merge(grown, (low, low + granted))
                covered += granted
            else:
                granted = 0
            withheld += (high - low) - granted
    return Earned(tuple(grown), covered, replayed, withheld)


def heartbeat_stretch(position_ms: int, duration_ms: int, rate_milli: int) -> Span | None:
    """What was played by a simple client that reports only its position and how long it played."""
    start = max(position_ms - duration_ms * rate_milli // 1000, 0)
    return (start, position_ms) if start < position_ms else None
