"""Coverage: the union of half-open integer spans, never a playhead.

A `Spans` value is disjoint, ordered and merged: `((0, 30), (40, 60))`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Span = tuple[int, int]
Spans = tuple[Span, ...]


def length(spans: Iterable[Span]) -> int:
    total = 0
    for start, end in spans:
        total += end - start
    return total


def clip(span: Span, low: int, high: int) -> Span | None:
    """`span` within `[low, high)`, or None when nothing is left of it."""
    start, end = span
    if low <= start < end <= high:  # as nearly always
        return span
    start, end = max(start, low), min(end, high)
    return (start, end) if start < end else None


def clip_all(spans: Iterable[Span], low: int, high: int) -> Spans:
    return tuple([part for span in spans if (part := clip(span, low, high))])


def add(spans: Spans, span: Span) -> Spans:
    """The union of `spans` and one non-empty span; touching neighbours are merged."""
    merged = list(spans)
    _merge(merged, span)
    return tuple(merged)


def _merge(spans: list[Span], span: Span) -> None:
    """`add`, in place."""
    start, end = span
    # Mostly what comes lies behind everything, or goes on where the last ended: no search then.
    if not spans or start > spans[-1][1]:
        spans.append(span)
        return
    low, high = spans[-1]
    if start >= low:
        if end > high:
            spans[-1] = (low, end)
        return
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


def uncovered(coverage: Spans, segments: Sequence[Span]) -> int:
    """How much of the segments isn't covered yet; where they overlap it counts once."""
    apart = segments if len(segments) == 1 else union(segments)
    return sum([length(gaps(coverage, start, end)) for start, end in apart])


def gaps(spans: Sequence[Span], low: int, high: int) -> Spans:
    """The parts of `[low, high)` that the spans leave open."""
    if not spans or low >= spans[-1][1]:  # what comes lies behind everything, mostly
        return ((low, high),) if low < high else ()
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


def clip_spans(spans: Spans, low: int, high: int) -> Spans:
    """`clip_all` of spans that are a union, which mostly are within already."""
    if not spans or (low <= spans[0][0] and spans[-1][1] <= high):
        return spans
    return clip_all(spans, low, high)


def overlap(spans: Spans, others: Iterable[Span]) -> Spans:
    """The parts that both have in common."""
    return tuple(part for start, end in others for part in clip_all(spans, start, end))


class Earned(NamedTuple):
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
