"""What xAPI Video Profile statements say was played.

`segments` is cumulative within a session (`from[.]to[,]from[.]to`, seconds), and a segment without
an end was still open. Timestamps may be scrambled, so the order is taken from the segments.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

Span = tuple[int, int]  # milliseconds, half-open


@dataclass
class Sitting:
    """One learner's session: what was played, in the order in which it was reported."""

    actor: str
    session: str
    played: list[tuple[str, Span]] = field(default_factory=list)  # (video, span)


def played_spans(segments: str | None) -> list[Span]:
    """The closed, non-empty segments of a statement. Reversed ones earn nothing anywhere."""
    spans = []
    for segment in (segments or "").split("[,]"):
        start, _, end = segment.partition("[.]")
        if start and end:
            span = round(float(start) * 1000), round(float(end) * 1000)
            if 0 <= span[0] < span[1]:
                spans.append(span)
    return spans


def find_sittings(statements: Iterable[dict]) -> list[Sitting]:
    """One for each learner and session in which something was played."""
    segments: dict[tuple, list[list[Span]]] = defaultdict(list)
    for statement in statements:
        spans = played_spans(statement["segments"])
        if spans:
            key = tuple(statement[name] for name in ("actor", "session", "object"))
            segments[key].append(spans)
    found: dict[tuple, Sitting] = {}
    for (actor, session, video), lists in sorted(segments.items()):
        sitting = found.setdefault((actor, session), Sitting(actor, session))
        sitting.played += [(video, span) for span in _new_parts(lists)]
    return list(found.values())


def _new_parts(lists: list[list[Span]]) -> list[Span]:
    """What each longer list adds to the ones before it: a growing segment adds its growth."""
    parts: list[Span] = []
    reached: dict[int, int] = {}
    for spans in sorted(lists, key=lambda spans: (len(spans), sum(b - a for a, b in spans))):
        for start, end in spans:
            since = max(reached.get(start, start), start)
            if end > since:
                parts.append((since, end))
                reached[start] = end
    return parts


def longest_lengths(statements: Iterable[dict]) -> dict[str, int]:
    """The longest reported length of each video, in milliseconds."""
    lengths: dict[str, int] = {}
    for statement in statements:
        if statement["length"]:
            length = round(statement["length"] * 1000)
            lengths[statement["object"]] = max(lengths.get(statement["object"], 0), length)
    return lengths


def union(spans: Iterable[Span], extent: int) -> list[Span]:
    """The union, clipped to the extent. Written here once more, to compare with."""
    joined: list[list[int]] = []
    for start, end in sorted((a, min(b, extent)) for a, b in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return [(start, end) for start, end in joined]
