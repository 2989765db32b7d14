"""When things happened, by the server's clock. Moments are epoch milliseconds."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from .coverage import Span, Spans, add, gaps, length, union


class Claim(NamedTuple):
    """When an event happened by the client's clock, if it says so, and how long it took."""

    occurred: int | None
    length_ms: int


def corrected_moments(
    claims: Sequence[Claim], *, sent: int | None, received: int, session_start: int
) -> list[int]:
    """The server-corrected moment of each event of a batch.

    An event is as old as the client says it is: received − (sent − occurred), within
    [session start, received]; so a wrong client clock moves nothing. A batch without `sent` counts
    as sent at its newest event. Events without a time lie end to end, backwards from the next.
    """
    if sent is None:
        sent = max((claim.occurred for claim in claims if claim.occurred is not None), default=0)
    moments: list[int] = []
    cursor = received
    for claim in reversed(claims):
        occurred, length_ms = claim
        moment = cursor if occurred is None else received - (sent - occurred)
        if moment < session_start:
            moment = session_start
        if moment > received:
            moment = received
        moments.append(moment)
        cursor = max(moment - length_ms, session_start)
    moments.reverse()
    return moments


def active_span(moment: int, credited_ms: int, *, session_start: int, received: int) -> Span | None:
    """The wall-clock span of an event's time: up to its moment, inside the session."""
    start = moment - credited_ms
    if start < session_start:
        start = session_start
    end = start + credited_ms
    if end > received:
        end = received
    return (start, end) if start < end else None


JITTER_MS = 2_000


def adjoin(span: Span, ends: Collection[int], *, session_start: int, received: int) -> Span:
    """`span`, moved by up to 2 s so that it begins where an earlier one of its session ended.

    `ends` are where the session's spans ended that may be the previous one; the nearest counts. The
    length stays; a span never reaches beyond the moment it was received, nor before the session.
    So a steady film is one span, though its beats come a little early or late.
    """
    start, end = span
    if session_start <= start and end <= received and start in ends:
        return span
    near = [end_before for end_before in ends if abs(end_before - start) <= JITTER_MS]
    if not near:
        return span
    wanted = min(near, key=lambda end_before: (abs(end_before - start), end_before)) - start
    moved = max(min(wanted, received - end), session_start - start)
    return (start + moved, end + moved)


def spend(spans: Spans, span: Span | None) -> tuple[Spans, int]:
    """Adds a span to a union of time; also returns how much of it is new."""
    if span is None:
        return spans, 0
    fresh = length(gaps(spans, *span))
    return (add(spans, span), fresh) if fresh else (spans, 0)


def begin_elapsed(session_start: int) -> Spans:
    """A session's elapsed spans before any event: the instant of its start."""
    return ((session_start, session_start + 1),)


def touch(elapsed: Spans, start: int, end: int, timeout_ms: int) -> Spans:
    """A session's elapsed spans with one more event, that lasted from `start` to `end`.

    A silence up to `timeout_ms` towards the neighbouring event counts as elapsed, a longer one
    does not. Events may come in any order; each occupies its last instant too, so that a later
    one finds it as a neighbour.
    """
    end += 1
    # Looked for from the end: events come in order, mostly.
    before = len(elapsed)
    while before and elapsed[before - 1][1] > start:
        before -= 1
    after = before
    while after < len(elapsed) and elapsed[after][0] < end:
        after += 1
    if before and start - elapsed[before - 1][1] <= timeout_ms:
        start = elapsed[before - 1][1]
    if after < len(elapsed) and elapsed[after][0] - end <= timeout_ms:
        end = elapsed[after][0]
    return add(elapsed, (start, end))


def tail(elapsed: Spans, now: int, timeout_ms: int) -> Spans:
    """The stretch of an open session from its last event to now, if it isn't a silence."""
    last = elapsed[-1][1]
    return ((last, now + 1),) if 0 <= now - last <= timeout_ms else ()


def elapsed_ms(*many: Spans) -> int:
    """Time elapsed in any of the sessions: two tabs for ten minutes are ten minutes.

    Without the last instant of each stretch, which is there only to be found.
    """
    stretches = union(*many)
    return length(stretches) - len(stretches)
